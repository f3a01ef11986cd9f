import { hash } from "node:crypto";
import type { Envelope } from "@event-pipeline/event-model/envelope";
import { DATA_ATTRIBUTES, keyText, type WireItem } from "@event-pipeline/event-model/item/attributes";
import { eventIdOf } from "@event-pipeline/event-model/item/key";
import { NO_CONTRACTS } from "../deployed-contracts";
import { type ExpectedOutcome, expectedOutcome, type ItemKey } from "../expected-outcome";
import { hasSameData } from "./compare-data";
import type { EventTableReader } from "./events-table";

/** The maximum number of remembered events. The handler has stored an event long before it is forgotten. */
const MAX_REMEMBERED = 100_000;

export const OVERWRITE_REASON =
  "the table has other data under its key, or an event with another text has the same MessageId";

/**
 * Finds events that would overwrite an item that has different data.
 *
 * If an event has its own ID, its key ends in a digest of its text, so it never
 * overwrites another event. Otherwise, its key contains the MessageId from SNS.
 * With `MessageStructure: json`, SNS can send different texts to the queue and to
 * the archive with the same MessageId, so their keys are equal.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export class OverwriteGuard {
  /** The digests of sent texts, by key, oldest first. */
  private readonly digestByKey = new Map<string, string>();

  constructor(private readonly table: EventTableReader) {}

  /**
   * Returns the events that must not be sent. Remembers the other events as sent.
   *
   * @param readsTable - False if the table has none of the events.
   */
  async overwriting<T>(
    expectedByEvent: ReadonlyMap<T, ExpectedOutcome<ItemKey>>,
    { readsTable = true, signal }: { readonly readsTable?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<Set<T>> {
    const keyed = [...expectedByEvent].flatMap(([event, { envelope, item, event: published }]) =>
      item && eventIdOf(item) === undefined
        ? [{ event, envelope, item, key: keyText(item), text: String(published?.text) }]
        : [],
    );
    const stored = await this.table.get(readsTable ? keyed.map(({ item }) => item) : [], DATA_ATTRIBUTES, signal);
    const overwriting = keyed.filter(
      ({ key, envelope, text }) => differs(stored.get(key), envelope, text) || this.differsFromSent(key, envelope),
    );
    return new Set(overwriting.map(({ event }) => event));
  }

  private differsFromSent(key: string, { message }: Envelope): boolean {
    const digest = hash("sha256", Buffer.from(message, "utf16le"), "base64");
    const sent = this.digestByKey.get(key);
    if (sent !== undefined) return sent !== digest;
    this.digestByKey.set(key, digest);
    const [oldest = key] = this.digestByKey.keys();
    if (this.digestByKey.size > MAX_REMEMBERED) this.digestByKey.delete(oldest);
    return false;
  }
}

function differs(stored: WireItem | undefined, envelope: Envelope, text: string): boolean {
  // The form of the data does not depend on the mapping.
  return stored !== undefined && !hasSameData(stored, expectedOutcome(envelope, 0, NO_CONTRACTS).storable, text);
}
