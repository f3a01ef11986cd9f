import { DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "../pipeline";
import { hasMembers, type MemberFilter } from "./event-filter";
import { type StoredEvent, storedEvent } from "./stored-event";

export interface ListEventsProps {
  readonly type: string;
  /** Of the event's own time, which its key begins with. @default - from the first on */
  readonly since?: Date | undefined;
  /** Events before it. @default - to the last */
  readonly until?: Date | undefined;
  /** @default - every event */
  readonly filter?: MemberFilter | undefined;
  /** @default - newest first */
  readonly oldestFirst?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Later than any time that a key begins with. */
const END_OF_TIME = ":";

/**
 * Events of a type, by their time: a query for each page of at most 1 MB, asked
 * for when the page before has been taken. A filter is looked at here, so that
 * it reads what all events of the span take.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
 */
export async function* listEvents(
  pipeline: Pipeline,
  { type, since, until, filter = {}, oldestFirst = false, signal }: ListEventsProps,
): AsyncGenerator<StoredEvent, void, void> {
  const pages = paginateQuery(
    { client: pipeline.client(DynamoDBClient) },
    {
      TableName: pipeline.names.table,
      KeyConditionExpression: "#type = :type AND #key BETWEEN :from AND :to",
      ExpressionAttributeNames: { "#type": PARTITION_KEY, "#key": SORT_KEY },
      ExpressionAttributeValues: {
        ":type": { S: type },
        // A key is its time, `#` and more: the time alone is before all keys of it.
        ":from": { S: since?.toISOString() ?? "0" },
        ":to": { S: until?.toISOString() ?? END_OF_TIME },
      },
      ScanIndexForward: oldestFirst,
    },
    ...(signal ? [{ abortSignal: signal }] : []),
  );
  for await (const { Items = [] } of pages) {
    for (const event of Items.map(storedEvent)) if (hasMembers(event.data, filter)) yield event;
  }
}
