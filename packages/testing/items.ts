import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { parseEvent } from "@event-pipeline/event-model/event";
import { type EventItem, type SizedItem, toEventItem } from "@event-pipeline/event-model/item/item";
import { envelopeOf } from "./sqs-records";

/** Returns the item that the handler stores for an envelope, with its size. */
export function sizedItemOf(envelope: Envelope, eventTtlDays = 90): SizedItem {
  return toEventItem(envelope, parseEvent(envelope), eventTtlDays);
}

export function itemOf(envelope: Envelope, eventTtlDays?: number): EventItem {
  return sizedItemOf(envelope, eventTtlDays).item;
}

/** Returns the item that the handler stores for an event. */
export function itemOfEvent(event: unknown, eventTtlDays?: number, messageId = "m-1"): EventItem {
  const message = typeof event === "string" ? event : JSON.stringify(event);
  return itemOf(parseEnvelope(envelopeOf(message, { MessageId: messageId })), eventTtlDays);
}
