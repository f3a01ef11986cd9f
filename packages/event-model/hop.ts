/** Where an event is on its way through the diagram. */
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
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: HopKind;
  /** The event's own `id`, or its SNS MessageId when it has none. */
  readonly eventId: string;
  /** SNS MessageId. */
  readonly messageId: string;
  /** Milliseconds since the event was published; absent when that was in an earlier run. */
  readonly sincePublishedMs?: number;
  readonly detail: Readonly<Record<string, string | number>>;
}
