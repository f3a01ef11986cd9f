import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { parseEvent } from "@event-pipeline/event-model/event";
import { type SizedItem, toEventItem } from "@event-pipeline/event-model/item/item";
import type { SQSRecord } from "aws-lambda";

/** What could be made of one record: an item, or the error that says why none. */
export interface Message {
  readonly record: SQSRecord;
  /** Absent when the body is none. */
  readonly envelope?: Envelope;
  readonly item?: SizedItem;
  readonly error?: Error;
}

/** @param eventTtlDays - Days from receipt to expiry; 0 for never. */
export function readMessage(record: SQSRecord, eventTtlDays: number): Message {
  let envelope: Envelope | undefined;
  try {
    envelope = parseEnvelope(record.body);
    return { record, envelope, item: toEventItem(envelope, parseEvent(envelope.message), eventTtlDays) };
  } catch (error) {
    return { record, ...(envelope && { envelope }), error: error as Error };
  }
}
