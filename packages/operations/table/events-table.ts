import { type AttributeValue, BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { backoffMs } from "@event-pipeline/event-model/batching";
import {
  type AttributeName,
  type EventKey,
  keyOf,
  keyText,
  PARTITION_KEY,
  projectionOf,
  SORT_KEY,
  type WireItem,
} from "@event-pipeline/event-model/item/attributes";
import { pause } from "../clock";
import { OperationError } from "../errors";
import type { Pipeline } from "../pipeline";
import { retryOnPassingError } from "../retry";

type WireKey = Record<string, AttributeValue>;

const MAX_KEYS = 100;
/** The number of consecutive responses without items after which a read fails. */
const MAX_EMPTY_RESPONSES = 15;

/** Reads the events table by key. */
export class EventTableReader {
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly tableName: string,
  ) {}

  static of(pipeline: Pipeline): EventTableReader {
    return new EventTableReader(pipeline.client(DynamoDBClient), pipeline.names.table);
  }

  /**
   * Returns the existing items by their `keyText`, with a consistent read.
   *
   * @param attributes - The attributes to read besides the key.
   * @throws OperationError when DynamoDB processes no key for half a minute, or a response lacks the table; the error from
   * AWS when the retries fail too.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
   * @example
   * const items = await EventTableReader.of(pipeline).get([key], DATA_ATTRIBUTES);
   * const item = items.get(keyText(key));
   */
  async get(
    keys: Iterable<EventKey>,
    attributes: readonly AttributeName[] = [],
    signal?: AbortSignal,
  ): Promise<Map<string, WireItem>> {
    const { tableName } = this;
    const found = new Map<string, WireItem>();
    const projection = projectionOf(...new Set<AttributeName>([PARTITION_KEY, SORT_KEY, ...attributes]));
    // DynamoDB rejects a request that has a key twice.
    let left = [...new Map([...keys].map((key) => [keyText(key), wireKeyOf(key)])).values()];
    for (let emptyResponses = 0; left.length > 0; ) {
      const Keys = left.slice(0, MAX_KEYS);
      const RequestItems = { [tableName]: { Keys, ConsistentRead: true, ...projection } };
      const command = new BatchGetItemCommand({ RequestItems });
      const { Responses, UnprocessedKeys } = await retryOnPassingError(
        () => this.dynamodb.send(command, signal && { abortSignal: signal }),
        { signal },
      );
      const unprocessed = UnprocessedKeys?.[tableName]?.Keys ?? [];
      const items = Responses?.[tableName];
      if (!items && unprocessed.length < Keys.length) {
        throw new OperationError(`DynamoDB BatchGetItem returned no answer for table ${tableName}. Try again later.`);
      }
      for (const item of items ?? []) found.set(keyText(keyOf(item)), item);
      left = [...unprocessed, ...left.slice(MAX_KEYS)];
      // DynamoDB also leaves keys unprocessed when a response reaches 16 MB. That counts as progress.
      emptyResponses = unprocessed.length < Keys.length ? 0 : emptyResponses + 1;
      if (emptyResponses > MAX_EMPTY_RESPONSES) {
        throw new OperationError(`DynamoDB throttles every read of table ${tableName}. Try again later.`);
      }
      if (unprocessed.length > 0) await pause(backoffMs(emptyResponses), signal);
    }
    return found;
  }
}

function wireKeyOf(key: EventKey): WireKey {
  return { [PARTITION_KEY]: { S: key[PARTITION_KEY] }, [SORT_KEY]: { S: key[SORT_KEY] } };
}
