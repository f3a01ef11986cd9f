/** Messages of the event processor's log lines, for code that searches or reads them. */
export const LOG_LINES = {
  batch: "batch processed",
  /** Further records of the batch, if one line would be too long for CloudWatch. */
  batchContinued: "batch processed, continued",
  refused: "record refused",
  retried: "record handed back",
  timedOut: "records handed back for lack of time",
  expired: "record stored after its expiry",
  unacknowledged: "write not acknowledged",
} as const;

/** Fields in which a log line of any handler reports the outcome of a record. */
export const LOG_FIELDS = {
  messageId: "sqs_message_id",
  /** The ids of several records in one line. */
  messageIds: "sqs_message_ids",
  reason: "reason",
  /** The list of `EndedRecord` in the line of a batch. */
  ends: "ends",
} as const;

/** The outcome of a record in one batch. SQS delivers a record again that is "retried", or "late" because it timed out. */
export type RecordEnd = "stored" | "refused" | "retried" | "late";

/** A record in the log line of its batch. */
export interface EndedRecord {
  /** SNS's MessageId; absent if the body is not an envelope, or was not parsed. */
  readonly sns_message_id?: string | undefined;
  /** SQS's message id, if there is no other. */
  readonly sqs_message_id?: string | undefined;
  readonly end: RecordEnd;
  /** The time at which SNS received the event, in ISO 8601. */
  readonly received_at?: string | undefined;
  /** The key of its item; absent if it has none. */
  readonly event_type?: string | undefined;
  readonly timestamp_id?: string | undefined;
  /** The event's id, if its key is ambiguous: `%23` in a key may be a `#`, or itself. */
  readonly event_id?: string | undefined;
  /** The reason why it is not stored. */
  readonly error_code?: string | undefined;
  /** The receive count; absent for the first receive. */
  readonly receive_count?: number | undefined;
}
