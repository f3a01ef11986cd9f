import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { backoffMs } from "@event-pipeline/event-model/batching";
import {
  type AttributeName,
  type EventKey,
  PARTITION_KEY,
  projectionOf,
  SORT_KEY,
  type WireItem,
} from "@event-pipeline/event-model/item/attributes";
import { isThrottled } from "../aws-errors";
import { OperationError } from "../errors";
import { pause } from "../pause";

/** Keys that BatchGetItem takes. */
export const MAX_KEYS = 100;
/** How often DynamoDB is asked again that answers for no key at all. */
const MAX_RETRIES = 15;

/** The events table, read by key. */
export class StoredItems {
  /** @param attributes - The attributes to read besides the key. */
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly tableName: string,
    private readonly attributes: readonly AttributeName[],
  ) {}

  /**
   * The items that there are of at most 100 keys, by `keyText`. Read
   * consistently: what is not among them is not in the table.
   *
   * @throws OperationError when the table takes no more requests for half a minute.
   */
  async get(keys: Iterable<EventKey>): Promise<Map<string, WireItem>> {
    const found = new Map<string, WireItem>();
    // One key twice makes DynamoDB refuse the whole request.
    const wireKeys = new Map([...keys].map((key) => [keyText(key), wireKeyOf(key)]));
    let left: Record<string, AttributeValue>[] = [...wireKeys.values()];
    for (let futile = 0; left.length > 0; ) {
      const before = left.length;
      try {
        left = await this.ask(left, found);
      } catch (error) {
        if (!isThrottled(error)) throw error;
      }
      if (left.length === 0) break;
      // It leaves out what would make an answer of more than 16 MB too, which is no reason to give up.
      futile = left.length < before ? 0 : futile + 1;
      if (futile > MAX_RETRIES) {
        throw new OperationError(`The table ${this.tableName} takes no more reads at present. Try later.`);
      }
      await pause(backoffMs(futile));
    }
    return found;
  }

  /** One request; returns the keys that DynamoDB left out. */
  private async ask(keys: Record<string, AttributeValue>[], found: Map<string, WireItem>) {
    const { Responses, UnprocessedKeys } = await this.dynamodb.send(
      new BatchGetItemCommand({
        RequestItems: {
          [this.tableName]: {
            Keys: keys,
            ConsistentRead: true,
            ...projectionOf(...new Set<AttributeName>([PARTITION_KEY, SORT_KEY, ...this.attributes])),
          },
        },
      }),
    );
    for (const item of Responses?.[this.tableName] ?? []) {
      found.set(keyText({ event_type: String(item[PARTITION_KEY]?.S), timestamp_id: String(item[SORT_KEY]?.S) }), item);
    }
    return UnprocessedKeys?.[this.tableName]?.Keys ?? [];
  }
}

/** The key as one text. */
export function keyText({ event_type, timestamp_id }: EventKey): string {
  return JSON.stringify([event_type, timestamp_id]);
}

function wireKeyOf({ event_type, timestamp_id }: EventKey): Record<string, AttributeValue> {
  return { [PARTITION_KEY]: { S: event_type }, [SORT_KEY]: { S: timestamp_id } };
}
