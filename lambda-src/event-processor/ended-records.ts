import type { EndedRecord, RecordEnd } from "@event-pipeline/event-model/log-lines";
import { codeOf } from "./errors";
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
class LoggedRecord {
  constructor(members: EndedRecord) {
    Object.assign(this, members);
  }
}

/** Returns what happened to each record of a group, for the log line of the batch. */
export function endedRecords({ stored, refused, retried, timedOut }: GroupOutcome): EndedRecord[] {
  return [
    ...stored.map((message) => endedRecord(message, "stored")),
    ...refused.map(({ message, error }) => endedRecord(message, "refused", error)),
    ...retried.map(({ message, error }) => endedRecord(message, "retried", error)),
    ...timedOut.map((record) => endedRecord({ record }, "late")),
  ];
}

function endedRecord({ record, envelope, item }: ParsedMessage, end: RecordEnd, error?: Error): EndedRecord {
  const key = end === "refused" ? undefined : item?.item;
  const receiveCount = Number(record.attributes?.ApproximateReceiveCount);
  return new LoggedRecord({
    sns_message_id: envelope?.messageId,
    sqs_message_id: envelope ? undefined : record.messageId,
    end,
    received_at: item?.item.received_at ?? envelope?.timestamp.toISOString(),
    event_type: key?.event_type,
    timestamp_id: key?.timestamp_id,
    event_id: key?.timestamp_id.includes("%23") ? key.event_id : undefined,
    error_code: error && codeOf(error),
    receive_count: receiveCount > 1 ? receiveCount : undefined,
  }) as EndedRecord;
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
