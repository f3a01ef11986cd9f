import type { Envelope } from "@event-pipeline/event-model/envelope";
import { type Event, parseEvent } from "@event-pipeline/event-model/event";
import { type EventItem, expiryOf, surelyFits, toEventItem } from "@event-pipeline/event-model/item/item";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";

/** The attributes that identify an item and its expiry. */
export type ItemKey = Pick<EventItem, "event_type" | "timestamp_id" | "expires_at">;

/** The handler's decision about an envelope: an item, or a refusal. */
export interface ExpectedOutcome<Item extends ItemKey = EventItem> {
  readonly envelope: Envelope;
  readonly event: Event | undefined;
  readonly item: Item | undefined;
  readonly refusal: RefusedMessageError | undefined;
}

/**
 * Returns the item that the handler stores for an envelope, or why it refuses it.
 *
 * @param eventTtlDays - Days from receipt to expiry; 0 for never.
 */
export function expectedOutcome(envelope: Envelope, eventTtlDays: number): ExpectedOutcome {
  return outcomeFrom(envelope, parseEvent, (event) => toEventItem(envelope, event, eventTtlDays).item);
}

/** Returns the same with the item's key only, in half the time. */
export function expectedOutcomeKeyOnly(envelope: Envelope, eventTtlDays: number): ExpectedOutcome<ItemKey> {
  const parse = (message: string) => parseEvent(message, 0);
  return outcomeFrom(envelope, parse, (event) =>
    surelyFits(event)
      ? { ...eventKeyOf(event, envelope), ...expiryOf(envelope.timestamp, eventTtlDays) }
      : toEventItem(envelope, parseEvent(envelope.message), eventTtlDays).item,
  );
}

function outcomeFrom<Item extends ItemKey>(
  envelope: Envelope,
  parse: (message: string) => Event,
  toItem: (event: Event) => Item,
): ExpectedOutcome<Item> {
  let event: Event | undefined;
  try {
    event = parse(envelope.message);
    return { envelope, event, item: toItem(event), refusal: undefined };
  } catch (error) {
    if (error instanceof RefusedMessageError) return { envelope, event, item: undefined, refusal: error };
    throw error;
  }
}

/** Returns the type and the own id of an event; both are undefined when the handler would refuse it. */
export function identityOf(envelope: Envelope): { readonly type?: string; readonly eventId?: string } {
  try {
    const { event_type: type, event_id: id } = eventKeyOf(parseEvent(envelope.message), envelope);
    return { type, ...(id !== envelope.messageId && { eventId: id }) };
  } catch (error) {
    if (error instanceof RefusedMessageError) return {};
    throw error;
  }
}

/** Returns whether DynamoDB deletes the item within days, or already has. */
export function isExpired({ expires_at }: ItemKey, now = Date.now()): boolean {
  return expires_at !== undefined && expires_at * 1_000 <= now;
}
