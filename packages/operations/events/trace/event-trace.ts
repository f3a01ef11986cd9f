import type { EventKey } from "@event-pipeline/event-model/item/attributes";
import { eventIdOf } from "@event-pipeline/event-model/item/key";
import type { LoggedRecord, RecordOutcome } from "@event-pipeline/event-model/log-lines";
import type { ArchivePosition } from "../../archive/archived-records";
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
  /** The event's own ID; absent when the event has none, or when it is unknown. */
  eventId?: string;
  /** The attempts, oldest first. */
  attempts: HandlerAttempt[];
  stored?: StoredEvent;
  archived?: ArchivePosition & { readonly bucket: string };
  deadLetter?: {
    readonly queue: string;
    /** The refusal code; undefined for a message that SQS moved to the queue after its last receive. */
    readonly code: string | undefined;
    readonly reason: string | undefined;
    /** True if the message was found in the queue; false if only the log says that the handler sent it there. */
    readonly seen: boolean;
  };
  /** The envelope as text; absent if the archive does not have it. */
  envelope?: string;
  /** The reason for which the handler refuses the envelope; absent if it does not. */
  refusal?: { readonly code: string; readonly reason: string };
  /** True if the event does not match the current filter policy; undefined when this is unknown. */
  filtered?: boolean;
  /** True if the item has expired. */
  expired?: boolean;
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

export function outcomeOf(trace: EventTrace): TraceOutcome {
  const { messageId, stored, attempts, deadLetter, filtered, expired } = trace;
  if (stored) return stored.message_id === messageId ? "stored" : "folded";
  if (expired) return "expired";
  const last = attempts.at(-1);
  if (last?.end === "stored") return "deleted";
  if (deadLetter) return "dead-lettered";
  if (last) return "retried";
  return filtered ? "filtered" : "waiting";
}

/** The publications that an ID may refer to. Several events may have the same ID, and an event's ID may look like a MessageId. */
export class EventTraces {
  /** The maximum number of publications to search for. */
  static readonly MAX = 20;
  private readonly traceById = new Map<string, EventTrace>();
  /** The reasons of failed attempts, by MessageId and receive count. */
  private readonly reasonByAttempt = new Map<string, string>();

  get all(): EventTrace[] {
    return [...this.traceById.values()];
  }

  /** Returns a publication's trace. Adds the trace if there is none. */
  of(messageId: string): EventTrace {
    const trace = this.traceById.get(messageId) ?? { messageId, attempts: [] };
    this.traceById.set(messageId, trace);
    return trace;
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
  }

  /** Adds the reason for which a record failed, from the record's log line. */
  addReason(messageId: string, receive: number, reason: string): void {
    const attempt = `${messageId} ${receive}`;
    this.reasonByAttempt.set(attempt, this.reasonByAttempt.get(attempt) ?? reason);
  }
}
