/** CloudWatch namespace of the event processor's metrics. */
export const METRICS_NAMESPACE = "EventPipeline";

/** Dimensions: the function's name, and for refusals the error code. */
export const METRICS_DIMENSIONS = { functionName: "service", code: "error_code" } as const;

/** Metrics of the event processor, described in docs/events.md. */
export const METRICS = {
  stored: "EventsStored",
  folded: "DuplicatesFolded",
  refused: "EventsRefused",
  retried: "EventsRetried",
  timedOut: "EventsOutOfTime",
  expired: "EventsExpired",
  unacknowledged: "WritesUnacknowledged",
  age: "EventAgeAtStorage",
} as const;
