import { createHash } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Envelope } from "@event-pipeline/event-model/envelope";
import { DATA_ATTRIBUTES } from "@event-pipeline/event-model/item/attributes";
import type { EventItem } from "@event-pipeline/event-model/item/item";
import { eventIdOf } from "../events/event-key-parts";
import { type Expected, expectedOf, type ItemKey } from "../expected-item";
import { hasSameData } from "./compare-data";
import { keyText, MAX_KEYS, StoredItems } from "./stored-items";

/** Events that are remembered as sent: by the time that so many more are, the handler has stored them, and the table tells. */
const MAX_REMEMBERED = 100_000;

export const TWO_TEXTS = "two texts are under this MessageId, and the table has the other, or is about to get it";

/**
 * Finds events that would replace an item by one with other data.
 *
 * The key of an event with an id of its own ends in a digest of its text, so it
 * cannot. The key of any other has SNS's MessageId. With `MessageStructure`
 * `json` SNS sends one text to the queue and another to the archive, both under
 * one MessageId: such an event has to be looked up before it is sent again.
 */
export class OverwriteGuard {
  private readonly items: StoredItems;
  /** Digests of the texts that were sent, by key, the oldest first. */
  private readonly digestByKey = new Map<string, string>();

  constructor(dynamodb: DynamoDBClient, tableName: string) {
    this.items = new StoredItems(dynamodb, tableName, DATA_ATTRIBUTES);
  }

  /** Those of which the table has an item with other data. */
  async stored(events: readonly Expected<ItemKey>[]): Promise<ReadonlySet<Envelope>> {
    const found = new Set<Envelope>();
    const keyed = events.flatMap(({ envelope, item }) => (item && isByMessageId(item) ? { envelope, item } : []));
    for (let start = 0; start < keyed.length; start += MAX_KEYS) {
      const some = keyed.slice(start, start + MAX_KEYS);
      const items = await this.items.get(some.map(({ item }) => item));
      for (const { envelope, item } of some) {
        const stored = items.get(keyText(item));
        if (!stored) continue;
        const whole = expectedOf(envelope, 0);
        if (!hasSameData(stored, whole.item as EventItem, String(whole.event?.text))) found.add(envelope);
      }
    }
    return found;
  }

  /** Whether another text was sent under the key, of late; if not, this one counts as sent. */
  wasSent({ envelope, item }: Expected<ItemKey>): boolean {
    if (!item || !isByMessageId(item)) return false;
    const key = keyText(item);
    const digest = createHash("sha256").update(Buffer.from(envelope.message, "utf16le")).digest("base64");
    const sent = this.digestByKey.get(key);
    if (sent !== undefined) return sent !== digest;
    this.digestByKey.set(key, digest);
    for (const oldest of this.digestByKey.keys()) {
      if (this.digestByKey.size <= MAX_REMEMBERED) break;
      this.digestByKey.delete(oldest);
    }
    return false;
  }
}

function isByMessageId(key: ItemKey): boolean {
  return eventIdOf(key) === undefined;
}
