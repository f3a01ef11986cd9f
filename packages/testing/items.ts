import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { parseEvent } from "@event-pipeline/event-model/event";
import { type EventItem, type SizedItem, toEventItem } from "@event-pipeline/event-model/item/item";
import type { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import { envelopeOf } from "./sqs-records";

/** Returns the item that the handler stores for an envelope, with its size. */
export function sizedItemOf(envelope: Envelope, eventTtlDays = 90, mapping?: Mapping): SizedItem {
  return toEventItem(envelope, parseEvent(envelope, { mapping }), eventTtlDays);
}

export function itemOf(envelope: Envelope, eventTtlDays?: number, mapping?: Mapping): EventItem {
  return sizedItemOf(envelope, eventTtlDays, mapping).item;
}

/** Returns the item that the handler stores for an event. */
export function itemOfEvent(event: unknown, eventTtlDays?: number, messageId = "m-1"): EventItem {
  const message = typeof event === "string" ? event : JSON.stringify(event);
  return itemOf(parseEnvelope(envelopeOf(message, { MessageId: messageId })), eventTtlDays);
}
