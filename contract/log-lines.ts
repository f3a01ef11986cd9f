/** Messages of the event processor's log lines, for who searches or reads them. */
export const LOG_LINES = {
  batch: "batch processed",
  refused: "record refused",
  retried: "record handed back",
} as const;
