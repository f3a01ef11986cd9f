import type { EndedRecord } from "@event-pipeline/event-model/log-lines";
import { eventIdOf } from "../event-key-parts";
import type { Attempt, EventWay } from "./event-trace";

interface Reason {
  readonly reason: string;
  readonly at: Date;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The publications that an id may mean, gathered from wherever they are found. */
export class Ways {
  private readonly wayById = new Map<string, EventWay>();
  private readonly reasonsById = new Map<string, Reason[]>();

  get all(): EventWay[] {
    return [...this.wayById.values()];
  }

  /** The way of a publication, begun if need be. */
  of(messageId: string): EventWay {
    const way = this.wayById.get(messageId) ?? { messageId, attempts: [] };
    this.wayById.set(messageId, way);
    return way;
  }

  /** A batch names the record: once a receive, whatever is read twice. */
  landed(end: EndedRecord, at: Date): void {
    const way = this.of(end.sns_message_id ?? String(end.sqs_message_id));
    if (end.received_at !== undefined) way.publishedAt = new Date(end.received_at);
    if (end.event_type !== undefined && end.timestamp_id !== undefined) {
      way.key = { event_type: end.event_type, timestamp_id: end.timestamp_id };
    }
    const eventId = eventIdOf(end);
    if (eventId !== undefined) way.eventId = eventId;
    this.attempt(way, { at, end: end.end, receive: end.receive_count ?? 1, code: end.error_code });
  }

  /** A line says why a record was refused or handed back. It comes before or after that of its batch. */
  explained(messageId: string, reason: Reason): void {
    this.reasonsById.set(messageId, [...(this.reasonsById.get(messageId) ?? []), reason]);
    const way = this.wayById.get(messageId);
    if (way) way.attempts = way.attempts.map((attempt) => this.withReason(messageId, attempt));
  }

  private attempt(way: EventWay, attempt: Attempt): void {
    const isKnown = way.attempts.some(({ at, receive }) => receive === attempt.receive && +at === +attempt.at);
    if (isKnown) return;
    way.attempts = [...way.attempts, this.withReason(way.messageId, attempt)].sort((one, other) => +one.at - +other.at);
  }

  private withReason(messageId: string, attempt: Attempt): Attempt {
    const of = ({ fields }: Reason) => Number(fields.receive_count) === attempt.receive;
    const reason = attempt.reason ?? this.reasonsById.get(messageId)?.find(of)?.reason;
    return attempt.end === "stored" ? attempt : { ...attempt, reason };
  }
}
