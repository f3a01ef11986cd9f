/** The CloudWatch namespace of the event processor's metrics. */
export const METRICS_NAMESPACE = "EventPipeline";

/** Dimensions of the metrics: the function's name and, for refusals only, the error code. */
export const METRICS_DIMENSIONS = { functionName: "service", code: "error_code" } as const;

/** Names of the event processor's metrics. docs/events.md describes them. */
export const METRICS = {
  stored: "EventsStored",
  folded: "DuplicatesFolded",
  refused: "EventsRefused",
  retried: "EventsRetried",
  timedOut: "EventsOutOfTime",
  expired: "EventsExpired",
  unacknowledged: "WritesUnacknowledged",
  unreadableTimes: "TimesUnreadable",
  age: "EventAgeAtStorage",
} as const;
