/** Messages of the event processor's log lines. */
export const LOG_LINES = {
  batch: "batch processed",
  /** More records of the same batch, if one line would be too long for CloudWatch. */
  batchContinued: "batch processed, continued",
  refused: "record refused",
  retried: "record handed back",
  timedOut: "records handed back for lack of time",
  expired: "record stored after its expiry",
  unacknowledged: "write not acknowledged",
  /** Events of a batch whose time was not readable. */
  unreadableTimes: "event times not readable",
} as const;

/** Log fields in which every handler reports the outcome of a record. */
export const LOG_FIELDS = {
  messageId: "sqs_message_id",
  /** The SQS message IDs, if one line covers several records. */
  messageIds: "sqs_message_ids",
  reason: "reason",
  /** The records of a batch, as a list of `LoggedRecord`. */
  ends: "ends",
} as const;

/** The outcome of a record in one batch. SQS redelivers a record that is `retried`, or `late` because it timed out. */
export type RecordOutcome = "stored" | "refused" | "retried" | "late";

/** A record as the batch's log line lists it. */
export interface LoggedRecord {
  /** SNS's MessageId; absent if the body is not an envelope or was not parsed. */
  readonly sns_message_id?: string | undefined;
  /** SQS's message ID; present only if `sns_message_id` is absent. */
  readonly sqs_message_id?: string | undefined;
  readonly end: RecordOutcome;
  /** The time at which SNS received the event, in ISO 8601. */
  readonly received_at?: string | undefined;
  /** The item's key; absent if the record was refused or has no item. */
  readonly event_type?: string | undefined;
  readonly timestamp_id?: string | undefined;
  /** The event's ID; present only if the key contains `%23`, which stands for `#` or for itself. */
  readonly event_id?: string | undefined;
  /** The error's code; absent for `stored` and `late`. */
  readonly error_code?: string | undefined;
  /** The receive count; absent for the first receive. */
  readonly receive_count?: number | undefined;
  /** The trace ID of the message attribute `traceparent`; absent if there is none. */
  readonly trace_id?: string | undefined;
}
