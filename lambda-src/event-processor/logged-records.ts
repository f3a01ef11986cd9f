import { traceIdOf } from "@event-pipeline/event-model/envelope";
import type { LoggedRecord, RecordOutcome } from "@event-pipeline/event-model/log-lines";
import { codeOf } from "./errors";
import type { GroupOutcome } from "./event-processor";
import type { ParsedMessage } from "./messages";

/**
 * Maximum size of the records in one log line. With the line's other fields it stays below 256 KB, CloudWatch's limit
 * until 2025 (now 1 MB).
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_LINE_BYTES = 240_000;

/** Maximum size of a record without its key, and of one character of the key: an escape such as \\u0001. */
const RECORD_BYTES = 450;
const CHARACTER_BYTES = 6;

/** A class, because the logger would copy a plain object member by member. */
class LoggedRecordObject {
  constructor(members: LoggedRecord) {
    Object.assign(this, members);
  }
}

/** Returns the outcome of each record of a group, for the batch's log line. */
export function loggedRecords({ stored, refused, retried, timedOut }: GroupOutcome): LoggedRecord[] {
  return [
    ...stored.map((message) => loggedRecord(message, "stored")),
    ...refused.map(({ message, error }) => loggedRecord(message, "refused", error)),
    ...retried.map(({ message, error }) => loggedRecord(message, "retried", error)),
    ...timedOut.map((record) => loggedRecord({ record }, "late")),
  ];
}

function loggedRecord({ record, envelope, item }: ParsedMessage, end: RecordOutcome, error?: Error): LoggedRecord {
  const key = end === "refused" ? undefined : item?.item;
  const receiveCount = Number(record.attributes?.ApproximateReceiveCount);
  return new LoggedRecordObject({
    sns_message_id: envelope?.messageId,
    sqs_message_id: envelope ? undefined : record.messageId,
    end,
    received_at: item?.item.received_at ?? envelope?.timestamp.toISOString(),
    event_type: key?.event_type,
    timestamp_id: key?.timestamp_id,
    event_id: key?.timestamp_id.includes("%23") ? key.event_id : undefined,
    error_code: error && codeOf(error),
    receive_count: receiveCount > 1 ? receiveCount : undefined,
    trace_id: envelope && traceIdOf(envelope),
  }) as LoggedRecord;
}

/** Splits the records into one list per log line. Returns at least one list, which may be empty. */
export function groupByLogLine(ends: readonly LoggedRecord[]): LoggedRecord[][] {
  const lines: LoggedRecord[][] = [[]];
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
