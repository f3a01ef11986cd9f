import type { EventKey } from "@event-pipeline/event-model/item/attributes";
import type { LoggedRecord, RecordOutcome } from "@event-pipeline/event-model/log-lines";
import type { ArchivePosition } from "../../archive/archived-records";
import type { StoredEvent } from "../../table/stored-event";
import { eventIdOf } from "../event-key-parts";

/** One receive of an event by the handler. */
export interface HandlerAttempt {
  readonly at: Date;
  readonly end: RecordOutcome;
  /** The receive count. */
  readonly receive: number;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
}

/** The known outcome of one publication. */
export interface EventTrace {
  /** The MessageId from SNS; from SQS for a message that is not an envelope. */
  readonly messageId: string;
  publishedAt?: Date;
  key?: EventKey;
  /** The event's own id; absent when it has none, or when it is unknown. */
  eventId?: string;
  /** The attempts, oldest first. */
  attempts: HandlerAttempt[];
  stored?: StoredEvent;
  archived?: ArchivePosition & { readonly bucket: string };
  deadLetter?: {
    readonly queue: string;
    /** The refusal code; undefined for a message that SQS moved there after its last receive. */
    readonly code: string | undefined;
    readonly reason: string | undefined;
    /** True if the message was found in the queue. Otherwise the log says that the handler sent it there. */
    readonly seen: boolean;
  };
  /** The envelope's text, if the archive has it. */
  envelope?: string;
  /** The reason for which the handler refuses the envelope. */
  refusal?: { readonly code: string; readonly reason: string };
  /** True if the current filter policy leaves the event out; undefined when that is unknown. */
  filtered?: boolean;
  /** True if the item has passed its expiry. */
  expired?: boolean;
}

/** The outcome of an event, in one word. */
export type TraceOutcome =
  | "stored"
  /** One item represents this publication and another of the same text. */
  | "folded"
  | "dead-lettered"
  | "filtered"
  | "expired"
  /** The handler stored the event, and its item no longer exists. */
  | "deleted"
  /** The handler reported a batch item failure, so SQS delivers the event again. */
  | "retried"
  /** Only the archive has the event. */
  | "waiting";

/** Returns where an event ended. */
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

/** Publications that an id may mean: an event's id may be used again, or look like a MessageId. */
export class EventTraces {
  /** Publications that are told apart; an id may have any number. */
  static readonly MAX = 20;
  private readonly traceById = new Map<string, EventTrace>();
  /** The reasons of failed records, by MessageId and receive count. */
  private readonly reasonByAttempt = new Map<string, string>();

  get all(): EventTrace[] {
    return [...this.traceById.values()];
  }

  /** Returns the trace of a publication, and adds it if necessary. */
  of(messageId: string): EventTrace {
    const trace = this.traceById.get(messageId) ?? { messageId, attempts: [] };
    this.traceById.set(messageId, trace);
    return trace;
  }

  /** Adds what a batch's log line says about a record. */
  addRecord(record: LoggedRecord, at: Date): void {
    const trace = this.of(record.sns_message_id ?? String(record.sqs_message_id));
    if (record.received_at !== undefined) trace.publishedAt = new Date(record.received_at);
    if (record.event_type !== undefined && record.timestamp_id !== undefined) {
      trace.key = { event_type: record.event_type, timestamp_id: record.timestamp_id };
    }
    const eventId = eventIdOf(record);
    if (eventId !== undefined) trace.eventId = eventId;
    const { end, receive_count: receive = 1, error_code: code } = record;
    // Two reads of the log may return the same line.
    if (trace.attempts.some((attempt) => attempt.receive === receive && +attempt.at === +at)) return;
    const { reasonByAttempt } = this;
    const attempt: HandlerAttempt = {
      at,
      end,
      receive,
      code,
      // Its line may come before or after that of the batch.
      get reason() {
        return end === "stored" ? undefined : reasonByAttempt.get(`${trace.messageId} ${receive}`);
      },
    };
    trace.attempts = [...trace.attempts, attempt].sort((one, other) => +one.at - +other.at);
  }

  /** Adds why a record failed, from a log line of its own. */
  addReason(messageId: string, receive: number, reason: string): void {
    const attempt = `${messageId} ${receive}`;
    this.reasonByAttempt.set(attempt, this.reasonByAttempt.get(attempt) ?? reason);
  }
}
