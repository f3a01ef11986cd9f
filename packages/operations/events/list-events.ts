import { DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "../pipeline";
import { type StoredEvent, storedEvent } from "../table/stored-event";
import { hasMembers, type MemberFilter } from "./member-filter";

export interface ListEventsOptions {
  readonly type: string;
  /** The earliest time in an event's key. @default - no limit */
  readonly since?: Date | undefined;
  /** The time before which an event's key must be. @default - no limit */
  readonly until?: Date | undefined;
  /** @default - every event */
  readonly filter?: MemberFilter | undefined;
  /** @default - newest first */
  readonly oldestFirst?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sorts after every sort key, because a key begins with a digit. */
const END_OF_TIME = ":";

/**
 * Queries the events of a type, ordered by time, in pages of at most 1 MB. The
 * filter is applied afterwards, so the query reads the other events too.
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
        // A sort key is a time, `#`, and more. So a time alone sorts before every key with this time.
        ":from": { S: since?.toISOString() ?? "0" },
        ":to": { S: until?.toISOString() ?? END_OF_TIME },
      },
      ScanIndexForward: oldestFirst,
    },
    { abortSignal: signal },
  );
  for await (const { Items = [] } of pages) {
    for (const event of Items.map(storedEvent)) if (hasMembers(event, filter)) yield event;
  }
}
