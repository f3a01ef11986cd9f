import { BatchWriteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { backoffMs } from "@event-pipeline/event-model/backoff";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import type { EventKey } from "@event-pipeline/event-model/item/attributes";
import type { EventItem, SizedItem } from "@event-pipeline/event-model/item/item";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { inGroups } from "../aws/request-groups";
import type { Deadline } from "../deadline";
import { NotStoredError, UnacknowledgedError } from "../errors";

/**
 * BatchWriteItem takes 25 items and a body of 16 MB. The body is at most nine
 * times what the items count for (an empty string in a list: 1 byte, and 9 on
 * the wire), which this stays below.
 */
const REQUEST_LIMITS = { maxCount: 25, maxBytes: 1_600_000 };
const MAX_REASON_CHARACTERS = 500;

export interface StoreResult {
  /** Why an item is not stored: a RefusedMessageError is for good, a NotStoredError is not. */
  readonly errorByItem: ReadonlyMap<SizedItem, RefusedMessageError | NotStoredError>;
  /** Items that another one of the same key was stored in place of. */
  readonly folded: number;
  /** Answers of DynamoDB that did not say what became of the items. */
  readonly unacknowledged: readonly UnacknowledgedError[];
}

/** What becomes known of the items while their requests are under way. */
interface Progress {
  readonly errorByKey: Map<string, RefusedMessageError | NotStoredError>;
  readonly unacknowledged: UnacknowledgedError[];
}

/** The events table, written in batches. */
export class EventStore {
  constructor(
    private readonly tableName: string,
    private readonly client: DynamoDBDocumentClient,
  ) {}

  /**
   * Stores the items. What DynamoDB throttles, or does not answer, is sent again
   * until the deadline.
   *
   * Items of one key are folded into the last of them, because a request with
   * two of a key is refused as a whole; they share that one's fate.
   */
  async store(items: readonly SizedItem[], deadline: Deadline): Promise<StoreResult> {
    const itemByKey = new Map(items.map((item) => [keyOf(item.item), item]));
    const progress: Progress = { errorByKey: new Map(), unacknowledged: [] };
    await Promise.all(
      inGroups([...itemByKey.values()], ({ bytes }) => bytes, REQUEST_LIMITS).map((group) =>
        this.storeGroup(group, deadline, progress),
      ),
    );
    const { errorByKey, unacknowledged } = progress;
    const errorByItem = new Map<SizedItem, RefusedMessageError | NotStoredError>();
    for (const item of items) {
      const error = errorByKey.get(keyOf(item.item));
      if (error) errorByItem.set(item, error);
    }
    const stored = itemByKey.size - errorByKey.size;
    return { errorByItem, folded: items.length - errorByItem.size - stored, unacknowledged };
  }

  private async storeGroup(group: readonly SizedItem[], deadline: Deadline, progress: Progress): Promise<void> {
    let pending = group;
    let requests = 0;
    let cause: unknown;
    do {
      if (deadline.hasPassed()) break;
      const signal = deadline.signal();
      requests += 1;
      try {
        pending = await this.write(pending, signal);
        if (pending.length === 0) return;
        cause = new Error("DynamoDB left the item unprocessed; its table or partition takes no more at present.");
      } catch (error) {
        if (isRefusal(error)) return this.isolate(pending, error, deadline, progress);
        if (error instanceof UnacknowledgedError) progress.unacknowledged.push(error);
        // The deadline cuts the last request off; what went wrong before it says more.
        if (!signal.aborted || cause === undefined) cause = error;
      }
    } while (await deadline.wait(backoffMs(requests - 1)));
    const reason = cause === undefined ? "The time was up." : reasonOf(cause);
    const error = new NotStoredError(`Not stored after ${requests} requests. ${reason}`, { cause });
    for (const { item } of pending) progress.errorByKey.set(keyOf(item), error);
  }

  /** One bad item makes DynamoDB refuse the whole request: halves it until that item stands alone. */
  private async isolate(
    items: readonly SizedItem[],
    refusal: Error,
    deadline: Deadline,
    progress: Progress,
  ): Promise<void> {
    const [item] = items;
    if (item && items.length === 1) {
      progress.errorByKey.set(
        keyOf(item.item),
        new RefusedMessageError("REFUSED_BY_DYNAMODB", reasonOf(refusal), { cause: refusal }),
      );
      return;
    }
    const middle = Math.ceil(items.length / 2);
    await Promise.all(
      [items.slice(0, middle), items.slice(middle)].map((half) => this.storeGroup(half, deadline, progress)),
    );
  }

  /** One request; returns the items that DynamoDB left unprocessed. */
  private async write(items: readonly SizedItem[], abortSignal: AbortSignal): Promise<SizedItem[]> {
    const response = await this.client.send(
      new BatchWriteCommand({
        RequestItems: { [this.tableName]: items.map(({ item }) => ({ PutRequest: { Item: { ...item } } })) },
      }),
      { abortSignal },
    );
    // By key, because what went over the wire and back has been through the client's conversions.
    const left = response.UnprocessedItems?.[this.tableName] ?? [];
    const leftKeys = new Set(left.map(({ PutRequest }) => keyOf(PutRequest?.Item as unknown as EventItem)));
    return items.filter(({ item }) => leftKeys.has(keyOf(item)));
  }
}

function keyOf(item: EventKey): string {
  return JSON.stringify([item.event_type, item.timestamp_id]);
}

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === "ValidationException";
}

function reasonOf(error: unknown): string {
  return excerpt(error instanceof Error ? `${error.name}: ${error.message}` : String(error), MAX_REASON_CHARACTERS);
}
