import { type Envelope, parseEnvelope } from "../../lambda-src/consumer/envelope";
import { parseEvent } from "../../lambda-src/event-processor/read/event";
import { type EventItem, toEventItem } from "../../lambda-src/event-processor/read/event-item";
import { envelopeOf } from "./sqs-records";

/** The item of an envelope, as the handler makes it. */
export function itemOf(envelope: Envelope, eventTtlDays = 90): EventItem {
  return toEventItem(envelope, parseEvent(envelope.message), eventTtlDays);
}

/** The item of an event that SNS took as the message `m-1`. */
export function itemOfEvent(event: unknown, eventTtlDays?: number, messageId = "m-1"): EventItem {
  const message = typeof event === "string" ? event : JSON.stringify(event);
  return itemOf(parseEnvelope(envelopeOf(message, { MessageId: messageId })), eventTtlDays);
}
