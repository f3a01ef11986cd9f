/** Messages of the event processor's log lines, for who searches or reads them. */
export const LOG_LINES = {
  batch: "batch processed",
  refused: "record refused",
  retried: "record handed back",
  late: "records handed back for lack of time",
  expired: "record stored after its expiry",
  unacknowledged: "write not acknowledged",
} as const;

/** By which a log line of any handler says what became of a record, and why. */
export const LOG_FIELDS = {
  messageId: "sqs_message_id",
  /** Where one line tells of many. */
  messageIds: "sqs_message_ids",
  reason: "reason",
} as const;
