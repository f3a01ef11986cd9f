/** CloudWatch's namespace for what the event processor counts. */
export const METRICS_NAMESPACE = "EventPipeline";

/** Dimensions: the function's name, and of refusals also why. */
export const METRICS_DIMENSIONS = { functionName: "service", code: "error_code" } as const;

/** Metrics of the event processor; docs/events.md says what each counts. */
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
