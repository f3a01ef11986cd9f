import type { UnreadableTime } from "@event-pipeline/event-model/event-time";
import type { EventKey } from "@event-pipeline/event-model/item/attributes";
import { eventIdOf } from "@event-pipeline/event-model/item/key";
import type { LoggedRecord, RecordOutcome } from "@event-pipeline/event-model/log-lines";
import type { ArchivePosition } from "../../archive/archived-records";
import { knownValue, type Reading } from "../../reading";
import type { StoredEvent } from "../../table/stored-event";

/** The outcome of one receive of an event by the handler. */
export interface HandlerAttempt {
  readonly at: Date;
  readonly end: RecordOutcome;
  /** The receive count. */
  readonly receive: number;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
}

/** The known facts about one publication of an event. */
export interface EventTrace {
  /** The MessageId from SNS. For a message that is not an envelope, the MessageId from SQS. */
  readonly messageId: string;
  publishedAt?: Date;
  key?: EventKey;
  /** Other keys under which the table may have the event; absent if the envelope is unknown. */
  otherKeys?: readonly EventKey[];
  /** The event's time, if the handler cannot read it; absent if it can, or if the event's text is unknown. */
  unreadableTime?: UnreadableTime;
  /** The event's own ID; absent when the event has none, or when it is unknown. */
  eventId?: string;
  /** The trace ID of the message attribute `traceparent`; absent if there is none, or if it is unknown. */
  traceId?: string;
  /** The attempts that were found in the log, oldest first. */
  attempts: HandlerAttempt[];
  /** The last attempt. */
  log: Reading<HandlerAttempt>;
  table: Reading<StoredEvent>;
  /** The position in the archive; absent if the archive was not searched for this publication. */
  archive?: Reading<ArchivePosition & { readonly bucket: string }>;
  deadLetter: Reading<DeadLetterPlace>;
  /** The envelope as text; absent unless the archive has it. */
  envelope?: string;
  /** The reason for which the handler refuses the envelope; absent if it does not. */
  refusal?: { readonly code: string; readonly reason: string };
  /** The answer to whether the item has expired. */
  expiry: Reading<true>;
  /** The answer to whether the current filter policy drops the event. */
  filter: Reading<true>;
  /** Present if the topic has no subscription for the queue now. */
  isUnsubscribed?: true;
}

/** The dead-letter queue that an event is in. */
export interface DeadLetterPlace {
  readonly queue: string;
  /** The refusal code; undefined for a message that SQS moved to the queue after its last receive. */
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** True if the message was found in the queue; false if only the log says that the handler sent it there. */
  readonly seen: boolean;
}

export type TraceOutcome =
  | "stored"
  /** The table has one item for this publication and another publication of the same text, ID and time. */
  | "folded"
  | "dead-lettered"
  | "filtered"
  | "expired"
  /** The handler stored the event, and its item no longer exists. */
  | "deleted"
  /** The handler reported a batch item failure, so SQS makes the message visible again. */
  | "retried"
  /** The event was found only in the archive. */
  | "waiting";

/** The reading of a place that has nothing about the publication, or that was not searched because it cannot have. */
export const NOT_THERE = { state: "not there" } as const;

type Unknown = Extract<Reading<never>, { readonly state: "not known" }>;

/** Returns a publication's outcome. It is not known if it depends on a source that could not be read. */
export function outcomeOf(trace: EventTrace): Unknown | { readonly state: "there"; readonly value: TraceOutcome } {
  const { messageId, table, log, deadLetter, expiry, filter } = trace;
  const outcome = (value: TraceOutcome) => ({ state: "there", value }) as const;
  if (table.state === "there") return outcome(table.value.message_id === messageId ? "stored" : "folded");
  if (knownValue(deadLetter)?.seen) return outcome("dead-lettered");
  if (table.state === "not known") return table;
  if (expiry.state === "there") return outcome("expired");
  if (log.state === "not known") return log;
  if (knownValue(log)?.end === "stored") return expiry.state === "not known" ? expiry : outcome("deleted");
  if (deadLetter.state === "there") return outcome("dead-lettered");
  if (deadLetter.state === "not known") return deadLetter;
  if (log.state === "there") return outcome("retried");
  if (expiry.state === "not known") return expiry;
  if (filter.state === "not known") return filter;
  return outcome(filter.state === "there" ? "filtered" : "waiting");
}

/** The publications that an ID may refer to. Several events may have the same ID, and an event's ID may look like a MessageId. */
export class EventTraces {
  /** The maximum number of publications to search for in an index or in the archive. */
  static readonly MAX = 20;
  /** The reading of the log for a publication that it does not mention. */
  private log: Unknown | typeof NOT_THERE = NOT_THERE;
  private readonly traceById = new Map<string, EventTrace>();
  /** The reasons of failed attempts, by MessageId and receive count. */
  private readonly reasonByAttempt = new Map<string, string>();

  get all(): EventTrace[] {
    return [...this.traceById.values()];
  }

  /** Returns a publication's trace. Adds the trace if there is none. */
  of(messageId: string): EventTrace {
    const known = this.traceById.get(messageId);
    if (known) return known;
    const trace: EventTrace = {
      messageId,
      attempts: [],
      log: this.log,
      table: NOT_THERE,
      deadLetter: NOT_THERE,
      expiry: NOT_THERE,
      filter: NOT_THERE,
    };
    this.traceById.set(messageId, trace);
    return trace;
  }

  /** Makes the last attempt of every publication unknown, because the rest of the log could not be read. */
  logFailed(log: Unknown): void {
    this.log = log;
    for (const trace of this.all) trace.log = log;
  }

  /** Adds a record from a batch's log line. */
  addRecord(record: LoggedRecord, at: Date): void {
    const trace = this.of(record.sns_message_id ?? String(record.sqs_message_id));
    if (record.received_at !== undefined) trace.publishedAt = new Date(record.received_at);
    if (record.event_type !== undefined && record.timestamp_id !== undefined) {
      trace.key = { event_type: record.event_type, timestamp_id: record.timestamp_id };
    }
    const eventId = eventIdOf(record);
    if (eventId !== undefined) trace.eventId = eventId;
    if (record.trace_id !== undefined) trace.traceId = record.trace_id;
    const { end, receive_count: receive = 1, error_code: code } = record;
    // The log may be read twice, and return the same line.
    if (trace.attempts.some((attempt) => attempt.receive === receive && +attempt.at === +at)) return;
    const { reasonByAttempt } = this;
    const attempt: HandlerAttempt = {
      at,
      end,
      receive,
      code,
      // The line with the reason may come before or after the batch's line.
      get reason() {
        return end === "stored" ? undefined : reasonByAttempt.get(`${trace.messageId} ${receive}`);
      },
    };
    trace.attempts = [...trace.attempts, attempt].sort((one, other) => +one.at - +other.at);
    trace.log = { state: "there", value: trace.attempts.at(-1) ?? attempt };
  }

  /** Adds the reason for which a record failed, from the record's log line. */
  addReason(messageId: string, receive: number, reason: string): void {
    const attempt = `${messageId} ${receive}`;
    this.reasonByAttempt.set(attempt, this.reasonByAttempt.get(attempt) ?? reason);
  }
}
