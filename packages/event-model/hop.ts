/** A kind of step that an event takes through the pipeline. */
export type HopKind =
  | "published"
  | "filtered"
  | "queued"
  | "processed"
  | "stored"
  | "failed"
  | "dead-lettered"
  /** Deleted from a dead-letter queue, and not redriven. */
  | "purged"
  | "archived";

/** A step of one event through the pipeline. */
export interface Hop {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: HopKind;
  /** The event's `id`, or SNS's MessageId if the event has none. */
  readonly eventId: string;
  /** SNS's MessageId. */
  readonly messageId: string;
  /** Milliseconds since the event was published; absent if an earlier run published the event. */
  readonly sincePublishedMs?: number;
  readonly detail: Readonly<Record<string, string | number>>;
}
