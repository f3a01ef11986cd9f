import { DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "../pipeline";
import { type StoredEvent, storedEvent } from "../table/stored-event";
import { hasMembers, type MemberFilter } from "./member-filter";

export interface ListEventsOptions {
  readonly type: string;
  /** The earliest time of an event, as its key has it. @default - no limit */
  readonly since?: Date | undefined;
  /** Events before this time. @default - no limit */
  readonly until?: Date | undefined;
  /** @default - every event */
  readonly filter?: MemberFilter | undefined;
  /** @default - newest first */
  readonly oldestFirst?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sorts after every time. */
const END_OF_TIME = ":";

/**
 * Queries the events of a type in the order of their times, one page of at most
 * 1 MB at a time. The filter applies to what the query reads.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
 * @example
 * for await (const { event_id } of listEvents(pipeline, { type: "scan.done" })) ids.push(event_id);
 */
export async function* listEvents(
  pipeline: Pipeline,
  { type, since, until, filter = {}, oldestFirst = false, signal }: ListEventsOptions,
): AsyncGenerator<StoredEvent, void, void> {
  const pages = paginateQuery(
    { client: pipeline.client(DynamoDBClient) },
    {
      TableName: pipeline.names.table,
      KeyConditionExpression: "#type = :type AND #key BETWEEN :from AND :to",
      ExpressionAttributeNames: { "#type": PARTITION_KEY, "#key": SORT_KEY },
      ExpressionAttributeValues: {
        ":type": { S: type },
        // A key is a time followed by `#`, so a time alone sorts before every key with that time.
        ":from": { S: since?.toISOString() ?? "0" },
        ":to": { S: until?.toISOString() ?? END_OF_TIME },
      },
      ScanIndexForward: oldestFirst,
    },
    { abortSignal: signal },
  );
  for await (const { Items = [] } of pages) {
    for (const event of Items.map(storedEvent)) if (hasMembers(event.data, filter)) yield event;
  }
}
