import type { EndedRecord, RecordEnd } from "@event-pipeline/event-model/log-lines";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { GroupOutcome } from "./event-processor";
import type { ParsedMessage } from "./messages";

/**
 * Maximum bytes of the records in one log line. CloudWatch accepts log events of 1 MB, and accepted 256 KB until 2025.
 * The rest is for the other fields of the line.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_LINE_BYTES = 240_000;

/** Bytes of a record's names, numbers and ids, and of a character of its key at worst: an escape such as \\u0001. */
const RECORD_BYTES = 400;
const CHARACTER_BYTES = 6;

/** A class, because the logger copies plain objects member by member. */
class LoggedRecord implements EndedRecord {
  declare sns_message_id?: string;
  declare sqs_message_id?: string;
  declare end: RecordEnd;
  declare received_at?: string;
  declare event_type?: string;
  declare timestamp_id?: string;
  declare event_id?: string;
  declare error_code?: string;
  declare receive_count?: number;

  constructor({ record, envelope, item }: ParsedMessage, end: RecordEnd, error?: Error) {
    if (envelope) this.sns_message_id = envelope.messageId;
    else this.sqs_message_id = record.messageId;
    this.end = end;
    if (envelope) this.received_at = item?.item.received_at ?? envelope.timestamp.toISOString();
    if (item && end !== "refused") {
      const { event_type, timestamp_id, event_id } = item.item;
      this.event_type = event_type;
      this.timestamp_id = timestamp_id;
      if (timestamp_id.includes("%23")) this.event_id = event_id;
    }
    if (error) this.error_code = error instanceof RefusedMessageError ? error.code : error.name;
    const receiveCount = Number(record.attributes?.ApproximateReceiveCount);
    if (receiveCount > 1) this.receive_count = receiveCount;
  }
}

/** Returns what happened to each record of a group, for the log line of the batch. */
export function endedRecords({ stored, refused, retried, timedOut }: GroupOutcome): EndedRecord[] {
  return [
    ...stored.map((message) => new LoggedRecord(message, "stored")),
    ...refused.map(({ message, error }) => new LoggedRecord(message, "refused", error)),
    ...retried.map(({ message, error }) => new LoggedRecord(message, "retried", error)),
    ...timedOut.map((record) => new LoggedRecord({ record }, "late")),
  ];
}

/** Divides the records into as many groups as they need lines, at least one. */
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
