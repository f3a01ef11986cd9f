import { DescribeTableCommand, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { PARTITION_KEY, projectionOf, type WireItem } from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "../pipeline";

const BYTES_PER_HALF_UNIT = 4_096;

/**
 * Returns what a table scan reads, in items, bytes and read request units. An eventually consistent read
 * costs half a unit per 4 KB. DynamoDB updates the counts about every six hours.
 */
export async function scanSize(pipeline: Pipeline) {
  const command = new DescribeTableCommand({ TableName: pipeline.names.table });
  const { Table } = await pipeline.client(DynamoDBClient).send(command);
  const bytes = Table?.TableSizeBytes ?? 0;
  return { items: Table?.ItemCount ?? 0, bytes, readUnits: Math.max(1, Math.ceil(bytes / BYTES_PER_HALF_UNIT / 2)) };
}

/**
 * Scans the table, and returns the types of the stored events, most frequent first.
 * `newest` is the time at which SNS received the newest event, in ISO 8601.
 * `scanSize` returns the scan's size in advance.
 *
 * @param onProgress - Receives the number of items read so far.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
 */
export async function eventTypes(
  pipeline: Pipeline,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: (items: number) => void },
) {
  const types = new Map<string, { type: string; count: number; newest: string }>();
  let items = 0;
  const client = pipeline.client(DynamoDBClient);
  const input = { TableName: pipeline.names.table, ...projectionOf(PARTITION_KEY, "received_at") };
  const pages = paginateScan({ client }, input, { abortSignal: signal });
  for await (const { Items = [] } of pages) {
    for (const item of Items as WireItem[]) {
      const type = String(item[PARTITION_KEY]?.S);
      const received = String(item.received_at?.S);
      const known = types.get(type);
      const newest = known && known.newest > received ? known.newest : received;
      types.set(type, { type, count: (known?.count ?? 0) + 1, newest });
    }
    items += Items.length;
    onProgress?.(items);
  }
  return [...types.values()].sort((one, other) => other.count - one.count);
}
