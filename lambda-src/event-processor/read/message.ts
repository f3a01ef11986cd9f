import type { SQSRecord } from "aws-lambda";
import { type Envelope, parseEnvelope } from "../../consumer/envelope";
import { parseEvent } from "./event";
import { type EventItem, toEventItem } from "./event-item";

/** What could be made of one record: an item, or the error that says why none. */
export interface Message {
  readonly record: SQSRecord;
  /** Absent when the body is none. */
  readonly envelope?: Envelope;
  readonly item?: EventItem;
  readonly error?: Error;
  /** Values that the item's map is made of; 0 where the item has none. */
  readonly mapValues: number;
}

/** @param eventTtlDays - Days from receipt to expiry; 0 for never. */
export function readMessage(record: SQSRecord, eventTtlDays: number): Message {
  let envelope: Envelope | undefined;
  try {
    envelope = parseEnvelope(record.body);
    const event = parseEvent(envelope.message);
    const item = toEventItem(envelope, event, eventTtlDays);
    return { record, envelope, item, mapValues: item.data instanceof Map ? event.valueCount : 0 };
  } catch (error) {
    return { record, ...(envelope && { envelope }), error: error as Error, mapValues: 0 };
  }
}
