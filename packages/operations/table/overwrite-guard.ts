import { createHash } from "node:crypto";
import type { Envelope } from "@event-pipeline/event-model/envelope";
import { DATA_ATTRIBUTES } from "@event-pipeline/event-model/item/attributes";
import type { EventItem } from "@event-pipeline/event-model/item/item";
import { eventIdOf } from "../events/event-key-parts";
import { type ExpectedItem, expectedItem, type ItemKey } from "../expected-item";
import { hasSameData } from "./compare-data";
import { type EventsTable, keyText } from "./events-table";

/** Sent events that are remembered. By the time it is full, the handler has stored the oldest. */
const MAX_REMEMBERED = 100_000;

export const OVERWRITE_REASON =
  "another text has the same MessageId, and the table has that text or is about to store it";

/**
 * Finds events that would overwrite an item with different data.
 *
 * The key of an event with its own id ends in a digest of the text, so such an
 * event never overwrites another. The key of any other event has the MessageId
 * from SNS. With `MessageStructure: json`, SNS sends different texts to the
 * queue and to the archive under one MessageId.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export class OverwriteGuard {
  /** Digests of the texts that were sent, by key, oldest first. */
  private readonly digestByKey = new Map<string, string>();

  constructor(private readonly table: EventsTable) {}

  /** Returns the events that must not be sent, and remembers the others as sent. */
  async overwriting(events: readonly ExpectedItem<ItemKey>[]): Promise<ReadonlySet<Envelope>> {
    const found = await this.differingFromTable(events);
    for (const event of events)
      if (!found.has(event.envelope) && this.differsFromSent(event)) found.add(event.envelope);
    return found;
  }

  /** Returns events that differ from what was sent under their key in this run, and remembers the others as sent. */
  overwritingSent(events: readonly ExpectedItem<ItemKey>[]): ReadonlySet<Envelope> {
    return new Set(events.filter((event) => this.differsFromSent(event)).map(({ envelope }) => envelope));
  }

  private async differingFromTable(events: readonly ExpectedItem<ItemKey>[]): Promise<Set<Envelope>> {
    const keyed = events.flatMap(({ envelope, item }) => (item && hasMessageIdInKey(item) ? [{ envelope, item }] : []));
    const stored = await this.table.get(
      keyed.map(({ item }) => item),
      DATA_ATTRIBUTES,
    );
    const differing = keyed.filter(({ envelope, item }) => {
      const found = stored.get(keyText(item));
      if (!found) return false;
      const expected = expectedItem(envelope, 0);
      return !hasSameData(found, expected.item as EventItem, String(expected.event?.text));
    });
    return new Set(differing.map(({ envelope }) => envelope));
  }

  private differsFromSent({ envelope, item }: ExpectedItem<ItemKey>): boolean {
    if (!item || !hasMessageIdInKey(item)) return false;
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

function hasMessageIdInKey(key: ItemKey): boolean {
  return eventIdOf(key) === undefined;
}
