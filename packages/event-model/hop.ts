/** The kinds of steps that an event takes through the diagram. */
export type HopKind =
  | "published"
  | "filtered"
  | "queued"
  | "processed"
  | "stored"
  | "failed"
  | "dead-lettered"
  | "archived";

/** One step of one event. */
export interface Hop {
  /** Time, in epoch milliseconds. */
  readonly at: number;
  readonly kind: HopKind;
  /** The event's own `id`, or its SNS MessageId. */
  readonly eventId: string;
  /** SNS MessageId. */
  readonly messageId: string;
  /** Milliseconds since the event was published; absent if an earlier run published it. */
  readonly sincePublishedMs?: number;
  readonly detail: Readonly<Record<string, string | number>>;
}
