import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { backoffMs, sendInBatches } from "@event-pipeline/event-model/batching";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { keyOf, keyText } from "@event-pipeline/event-model/item/attributes";
import { type SizedItem, wireItemOf } from "@event-pipeline/event-model/item/item";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { Deadline } from "./deadline";
import { NotStoredError, UnacknowledgedError } from "./errors";

/**
 * BatchWriteItem accepts 25 items and a body of 16 MB. A body takes at most nine times the size that DynamoDB counts: an
 * empty string in a list counts as 1 byte and takes 9.
 */
const REQUEST_LIMITS = { maxCount: 25, maxBytes: 1_600_000 };
const MAX_REASON_CHARACTERS = 500;

interface StoreResult {
  /** The reason why an item is not stored. After a NotStoredError, a retry may succeed. */
  readonly errorByItem: ReadonlyMap<SizedItem, RefusedMessageError | NotStoredError>;
  /** Items that were not written, because a later item has the same key. */
  readonly folded: number;
  /** Responses from DynamoDB that do not say which items are stored. */
  readonly unacknowledged: readonly UnacknowledgedError[];
}

/** Writes to the events table in batches. */
export class EventStore {
  constructor(
    private readonly tableName: string,
    private readonly client: DynamoDBDocumentClient,
  ) {}

  /**
   * Stores the items. Retries until the deadline if DynamoDB throttles items or does not respond.
   *
   * Of several items with the same key, only the last is sent, because DynamoDB refuses a request with duplicate keys. The
   * other items get the outcome of the last.
   */
  async store(items: readonly SizedItem[], deadline: Deadline): Promise<StoreResult> {
    const itemByKey = new Map(items.map((item) => [keyText(item.item), item]));
    const unacknowledged: UnacknowledgedError[] = [];
    const signal = deadline.signal();
    const { refused, unsent } = await sendInBatches(itemByKey.values(), {
      limits: REQUEST_LIMITS,
      bytesOf: ({ bytes }) => bytes,
      isRefusal: (error): error is Error => error instanceof Error && error.name === "ValidationException",
      isTimeUp: () => signal.aborted || deadline.hasPassed(),
      waitToRetry: (retry) => deadline.wait(backoffMs(retry)),
      send: async (batch) => {
        try {
          return { unsent: await this.write(batch, signal) };
        } catch (error) {
          if (error instanceof UnacknowledgedError) unacknowledged.push(error);
          throw error;
        }
      },
    });
    const errorByItem = new Map<SizedItem, RefusedMessageError | NotStoredError>();
    for (const item of refused.size + unsent.size > 0 ? items : []) {
      const written = itemByKey.get(keyText(item.item)) as SizedItem;
      const refusal = refused.get(written);
      const failure = unsent.get(written);
      if (refusal) {
        errorByItem.set(item, new RefusedMessageError("REFUSED_BY_DYNAMODB", reasonOf(refusal), { cause: refusal }));
      } else if (failure) {
        const { requests, error } = failure;
        const reason = error === undefined ? "The time was up." : reasonOf(error);
        const message = `Not stored after ${requests} requests. ${reason}`;
        errorByItem.set(item, new NotStoredError(message, { cause: error }));
      }
    }
    const stored = itemByKey.size - refused.size - unsent.size;
    return { errorByItem, folded: items.length - errorByItem.size - stored, unacknowledged };
  }

  /** Sends one request. Returns the items that DynamoDB left unprocessed. */
  private async write(items: readonly SizedItem[], abortSignal: AbortSignal): Promise<Map<SizedItem, Error>> {
    const response = await this.client.send(
      // Not BatchWriteCommand, which would convert the attribute values again.
      new BatchWriteItemCommand({
        RequestItems: {
          [this.tableName]: items.map(({ item }) => ({ PutRequest: { Item: { ...wireItemOf(item) } } })),
        },
      }),
      { abortSignal },
    );
    const left = response.UnprocessedItems?.[this.tableName] ?? [];
    if (left.length === 0) return new Map();
    // The response contains copies of the items, so match them by key.
    const leftKeys = new Set(left.map(({ PutRequest }) => keyText(keyOf(PutRequest?.Item ?? {}))));
    const error = new Error("DynamoDB left the item unprocessed; its table or partition takes no more at present.");
    return new Map(items.filter(({ item }) => leftKeys.has(keyText(item))).map((item) => [item, error]));
  }
}

function reasonOf(error: unknown): string {
  return excerpt(error instanceof Error ? `${error.name}: ${error.message}` : String(error), MAX_REASON_CHARACTERS);
}
