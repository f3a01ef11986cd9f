import { DescribeTableCommand, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { PARTITION_KEY, projectionOf, type WireItem } from "@event-pipeline/event-model/item/attributes";
import { toOperationError } from "../aws-errors";
import { OperationError } from "../errors";
import type { Pipeline } from "../pipeline";

const BYTES_PER_HALF_UNIT = 4_096;

/**
 * Returns what a table scan reads, in items, bytes and read request units. An eventually consistent read
 * costs half a unit per 4 KB. DynamoDB updates the counts about every six hours.
 *
 * @throws OperationError when the response lacks the size.
 */
export async function scanSize(pipeline: Pipeline, abortSignal: AbortSignal) {
  const TableName = pipeline.names.table;
  const command = new DescribeTableCommand({ TableName });
  const { Table } = await pipeline.client(DynamoDBClient).send(command, { abortSignal });
  const { TableSizeBytes: bytes, ItemCount: items } = Table ?? {};
  if (bytes === undefined || items === undefined) {
    throw new OperationError(`DynamoDB DescribeTable returned no size for ${TableName}. Try again later.`);
  }
  return { items, bytes, readUnits: Math.max(1, Math.ceil(bytes / BYTES_PER_HALF_UNIT / 2)) };
}

/** The types that a scan found. */
export interface EventTypes {
  /** The types, most frequent first. `newest` is the time at which SNS received the newest event, in ISO 8601. */
  readonly types: readonly { readonly type: string; readonly count: number; readonly newest: string | undefined }[];
  /** The number of items read. */
  readonly items: number;
  /** True if the scan read the whole table. */
  readonly complete: boolean;
  /** The error that ended the scan early. */
  readonly stoppedBy?: OperationError;
}

export interface EventTypesOptions {
  readonly signal: AbortSignal;
  /** Receives the number of items read so far. */
  readonly onProgress?: (items: number) => void;
  /** The maximum number of pages to read, each of at most 1 MB. @default - the whole table */
  readonly maxPages?: number;
}

/**
 * Scans the table, and returns the types of the stored events. `scanSize` returns the scan's size in advance.
 * An error or the signal ends the scan early.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
 */
export async function eventTypes(
  pipeline: Pipeline,
  { signal, onProgress, maxPages = Number.POSITIVE_INFINITY }: EventTypesOptions,
): Promise<EventTypes> {
  const types = new Map<string, EventTypes["types"][number]>();
  let items = 0;
  let pagesRead = 0;
  let isWhole = false;
  let stoppedBy: OperationError | undefined;
  const client = pipeline.client(DynamoDBClient);
  const input = { TableName: pipeline.names.table, ...projectionOf(PARTITION_KEY, "received_at") };
  const pages = paginateScan({ client }, input, { abortSignal: signal });
  try {
    for await (const { Items = [], LastEvaluatedKey } of pages) {
      for (const item of Items as WireItem[]) {
        const type = String(item[PARTITION_KEY]?.S);
        const { count = 0, newest } = types.get(type) ?? {};
        const received = item.received_at?.S;
        const isNewer = received !== undefined && !(newest !== undefined && newest > received);
        types.set(type, { type, count: count + 1, newest: isNewer ? received : newest });
      }
      items += Items.length;
      onProgress?.(items);
      pagesRead += 1;
      isWhole = LastEvaluatedKey === undefined;
      if (pagesRead === maxPages) break;
    }
  } catch (error) {
    if (!signal.aborted) stoppedBy = toOperationError(error, pipeline.description);
  }
  const sorted = [...types.values()].sort((one, other) => other.count - one.count);
  return { types: sorted, items, complete: isWhole, ...(stoppedBy && { stoppedBy }) };
}
