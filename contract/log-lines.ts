/** Messages of the event processor's log lines, for who searches or reads them. */
export const LOG_LINES = {
  batch: "batch processed",
  refused: "record refused",
  retried: "record handed back",
  unread: "records handed back unread",
  expired: "record stored after its expiry",
  unacknowledged: "write not acknowledged",
} as const;
