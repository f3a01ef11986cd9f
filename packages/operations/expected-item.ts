import type { Envelope } from "@event-pipeline/event-model/envelope";
import { type Event, parseEvent } from "@event-pipeline/event-model/event";
import { type EventItem, expiryOf, surelyFits, toEventItem } from "@event-pipeline/event-model/item/item";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";

/** What of an item is needed to find it. */
export type ItemKey = Pick<EventItem, "event_type" | "timestamp_id" | "expires_at">;

/** What the handler makes of an envelope: an item, or a refusal that says why none. */
export interface Expected<Item extends ItemKey = EventItem> {
  readonly envelope: Envelope;
  readonly event: Event | undefined;
  readonly item: Item | undefined;
  readonly refusal: RefusedMessageError | undefined;
}

/** @param eventTtlDays - Days from receipt to expiry; 0 for never. */
export function expectedOf(envelope: Envelope, eventTtlDays: number): Expected {
  return orRefusal(envelope, parseEvent, (event) => toEventItem(envelope, event, eventTtlDays).item);
}

/** As `expectedOf`, in half the time: of what surely fits into an item, the data is not made. */
export function expectedKeyOf(envelope: Envelope, eventTtlDays: number): Expected<ItemKey> {
  const parse = (message: string) => parseEvent(message, 0);
  return orRefusal(envelope, parse, (event) =>
    surelyFits(event)
      ? { ...eventKeyOf(event, envelope), ...expiryOf(envelope.timestamp, eventTtlDays) }
      : toEventItem(envelope, parseEvent(envelope.message), eventTtlDays).item,
  );
}

function orRefusal<Item extends ItemKey>(
  envelope: Envelope,
  parse: (message: string) => Event,
  make: (event: Event) => Item,
): Expected<Item> {
  let event: Event | undefined;
  try {
    event = parse(envelope.message);
    return { envelope, event, item: make(event), refusal: undefined };
  } catch (error) {
    if (error instanceof RefusedMessageError) return { envelope, event, item: undefined, refusal: error };
    throw error;
  }
}

/** The type and the own id of an event, as far as they can be told. */
export function identityOf(envelope: Envelope): { readonly type?: string; readonly eventId?: string } {
  try {
    const { event_type: type, event_id: id } = eventKeyOf(parseEvent(envelope.message), envelope);
    return { type, ...(id !== envelope.messageId && { eventId: id }) };
  } catch (error) {
    if (error instanceof RefusedMessageError) return {};
    throw error;
  }
}

/** Whether DynamoDB deletes the item, within days: it may be gone, and to write it again is of no use. */
export function isExpired(item: ItemKey, now = Date.now()): boolean {
  return item.expires_at !== undefined && item.expires_at * 1_000 <= now;
}
