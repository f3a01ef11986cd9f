import type { EventItem } from "@event-pipeline/event-model/item/item";
import type { EndedRecord, RecordEnd } from "@event-pipeline/event-model/log-lines";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { SQSRecord } from "aws-lambda";
import type { Message } from "./message";
import type { Outcome } from "./outcome";

/**
 * Bytes of the records of one line. CloudWatch takes log events of 1 MB, and
 * took them of 256 KB for long; with less there is room for the line's other
 * fields, and for who still goes by that.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_LINE_BYTES = 240_000;

/** Bytes of a record's names, numbers and ids, and of a character of its key at worst: an escape such as \\u0001. */
const RECORD_BYTES = 400;
const CHARACTER_BYTES = 6;

/** Of each record of a step, what became of it. */
export function endedRecords({ stored, refused, retried, late }: Outcome): EndedRecord[] {
  return [
    ...stored.map((message) => ended(message, "stored")),
    ...refused.map(({ message, error }) => ended({ ...message, item: undefined }, "refused", error)),
    ...retried.map(({ message, error }) => ended(message, "retried", error)),
    ...late.map((record) => ({ sqs_message_id: record.messageId, end: "late" as const, ...receiveCount(record) })),
  ];
}

/** The records in as many groups as they need lines; one group at least. */
export function groupedInLines(ends: readonly EndedRecord[]): EndedRecord[][] {
  const lines: EndedRecord[][] = [[]];
  let bytes = 0;
  for (const end of ends) {
    const { event_type = "", timestamp_id = "", event_id = "" } = end;
    const size = RECORD_BYTES + CHARACTER_BYTES * (event_type.length + timestamp_id.length + event_id.length);
    if (bytes > 0 && bytes + size > MAX_LINE_BYTES) {
      lines.push([]);
      bytes = 0;
    }
    lines.at(-1)?.push(end);
    bytes += size;
  }
  return lines;
}

type Read = Pick<Message, "record" | "envelope"> & { readonly item?: Message["item"] | undefined };

function ended({ record, envelope, item }: Read, end: RecordEnd, error?: Error): EndedRecord {
  return {
    ...(envelope
      ? { sns_message_id: envelope.messageId, end, received_at: envelope.timestamp.toISOString() }
      : { sqs_message_id: record.messageId, end }),
    ...(item && keyOf(item.item)),
    ...(error && { error_code: error instanceof RefusedMessageError ? error.code : error.name }),
    ...receiveCount(record),
  };
}

function keyOf({ event_type, timestamp_id, event_id }: EventItem): Partial<EndedRecord> {
  return { event_type, timestamp_id, ...(timestamp_id.includes("%23") && { event_id }) };
}

function receiveCount({ attributes }: SQSRecord): Pick<EndedRecord, "receive_count"> {
  const count = Number(attributes?.ApproximateReceiveCount);
  return count > 1 ? { receive_count: count } : {};
}
