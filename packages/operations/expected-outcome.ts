import type { Envelope } from "@event-pipeline/event-model/envelope";
import { type Event, parseEvent } from "@event-pipeline/event-model/event";
import { type EventKey, keyText } from "@event-pipeline/event-model/item/attributes";
import { type EventItem, expiryOf, surelyFits, toEventItem } from "@event-pipeline/event-model/item/item";
import { eventKeyOf, formerKeyOf, storedIdOf } from "@event-pipeline/event-model/item/key";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";

/** The attributes that identify an item and its expiry. */
export type ItemKey = Pick<EventItem, "event_type" | "timestamp_id" | "expires_at">;

/** The handler's expected result for an envelope: an item to store, or a refusal. */
export interface ExpectedOutcome<Item extends ItemKey = EventItem> {
  readonly envelope: Envelope;
  readonly event: Event | undefined;
  readonly item: Item | undefined;
  /** The key of an item that an earlier handler stored, which read no numbers as times; undefined if it is the same key. */
  readonly formerKey: EventKey | undefined;
  readonly refusal: RefusedMessageError | undefined;
}

/**
 * Returns the item that the handler stores for an envelope, or the reason for which the handler refuses the envelope.
 *
 * @param eventTtlDays - The number of days after which items expire; 0 for never.
 */
export function expectedOutcome(envelope: Envelope, eventTtlDays: number): ExpectedOutcome {
  return outcomeFrom(
    envelope,
    () => parseEvent(envelope),
    (event) => toEventItem(envelope, event, eventTtlDays).item,
  );
}

/** Returns the same as `expectedOutcome`, in half the time. The item has only its key and expiry. */
export function expectedOutcomeKeyOnly(envelope: Envelope, eventTtlDays: number): ExpectedOutcome<ItemKey> {
  const parse = () => parseEvent(envelope, { maxValues: 0 });
  return outcomeFrom(envelope, parse, (event) =>
    surelyFits(event)
      ? { ...eventKeyOf(event, envelope), ...expiryOf(envelope.timestamp, eventTtlDays) }
      : toEventItem(envelope, parseEvent(envelope), eventTtlDays).item,
  );
}

function outcomeFrom<Item extends ItemKey>(
  envelope: Envelope,
  parse: () => Event,
  toItem: (event: Event) => Item,
): ExpectedOutcome<Item> {
  let event: Event | undefined;
  try {
    event = parse();
    return { envelope, event, item: toItem(event), formerKey: formerKeyOf(event, envelope), refusal: undefined };
  } catch (error) {
    if (error instanceof RefusedMessageError) {
      return { envelope, event, item: undefined, formerKey: undefined, refusal: error };
    }
    throw error;
  }
}

/** Returns the keys under which the table may have the event. */
export function possibleKeysOf({ item, formerKey }: ExpectedOutcome<ItemKey>): EventKey[] {
  return [item, formerKey].filter((key) => key !== undefined);
}

/** Returns whether `stored`, a map by `keyText`, has the event. */
export function isStoredIn(stored: ReadonlyMap<string, unknown>, expected: ExpectedOutcome<ItemKey>): boolean {
  return possibleKeysOf(expected).some((key) => stored.has(keyText(key)));
}

/** Returns the event's type if it has a valid key, and the event's own ID if it has one. */
export function identityOf(envelope: Envelope): { readonly type?: string; readonly eventId?: string } {
  const event = unlessRefused(() => parseEvent(envelope, { maxValues: 0 }));
  const eventId = event && storedIdOf(event);
  const key = event && unlessRefused(() => eventKeyOf(event, envelope));
  return { ...(key && { type: key.event_type }), ...(eventId !== undefined && { eventId }) };
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RefusedMessageError) return undefined;
    throw error;
  }
}

/** Returns whether the item has expired. DynamoDB deletes expired items within a few days. */
export function isExpired({ expires_at }: ItemKey, now = Date.now()): boolean {
  return expires_at !== undefined && expires_at * 1_000 <= now;
}
