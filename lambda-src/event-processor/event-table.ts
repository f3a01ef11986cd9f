import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { NotStoredError } from "./errors";
import type { EventItem } from "./event-item";

/** Most items that one BatchWriteItem takes. */
const MAX_BATCH_ITEMS = 25;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;

/** The events table, written in batches. */
export class EventTable {
  constructor(
    private readonly tableName: string,
    private readonly client = DynamoDBDocumentClient.from(new DynamoDBClient({})),
  ) {}

  /**
   * Stores the items and says which of them failed, by item, and why.
   *
   * Items of one key are folded into the last of them, because a request with
   * two of a key is refused as a whole; they share that one's fate.
   *
   * @param remainingMs - Milliseconds left for retries of what DynamoDB hands back.
   */
  async store(items: readonly EventItem[], remainingMs: () => number): Promise<Map<EventItem, Error>> {
    const byKey = new Map(items.map((item) => [keyOf(item), item]));
    const errorByKey = new Map<string, Error>();
    await Promise.all(
      chunksOf([...byKey.values()], MAX_BATCH_ITEMS).map((chunk) => this.storeChunk(chunk, remainingMs, errorByKey)),
    );
    const errorByItem = new Map<EventItem, Error>();
    for (const item of items) {
      const error = errorByKey.get(keyOf(item));
      if (error) errorByItem.set(item, error);
    }
    return errorByItem;
  }

  private async storeChunk(
    items: readonly EventItem[],
    remainingMs: () => number,
    errorByKey: Map<string, Error>,
  ): Promise<void> {
    let pending = items;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)) {
      try {
        pending = await this.write(pending);
      } catch (error) {
        if (isRefusal(error) && pending.length > 1) {
          // One bad item makes DynamoDB refuse them all: halve until it stands alone.
          const middle = Math.ceil(pending.length / 2);
          await this.storeChunk(pending.slice(0, middle), remainingMs, errorByKey);
          await this.storeChunk(pending.slice(middle), remainingMs, errorByKey);
          return;
        }
        for (const item of pending) errorByKey.set(keyOf(item), error as Error);
        return;
      }
      if (pending.length === 0) return;
      const delayMs = backoffMs * (0.5 + Math.random() / 2);
      if (delayMs >= remainingMs()) {
        const error = new NotStoredError("DynamoDB left the item unprocessed until the time was up.");
        for (const item of pending) errorByKey.set(keyOf(item), error);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }

  /** One request; returns the items that DynamoDB left unprocessed. */
  private async write(items: readonly EventItem[]): Promise<EventItem[]> {
    const response = await this.client.send(
      new BatchWriteCommand({
        RequestItems: { [this.tableName]: items.map((item) => ({ PutRequest: { Item: { ...item } } })) },
      }),
    );
    return (response.UnprocessedItems?.[this.tableName] ?? []).map(({ PutRequest }) => PutRequest?.Item as EventItem);
  }
}

function keyOf(item: EventItem): string {
  return JSON.stringify([item.event_type, item.timestamp_id]);
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === "ValidationException";
}

function chunksOf<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
