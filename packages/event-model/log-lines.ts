/** Messages of the event processor's log lines. */
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

/** Fields in which a handler's log line reports the outcome of a record and its reason. */
export const LOG_FIELDS = {
  messageId: "sqs_message_id",
  /** Ids, in a line about several records. */
  messageIds: "sqs_message_ids",
  reason: "reason",
  /** List of `EndedRecord`, in the lines of a batch. */
  ends: "ends",
} as const;

/** Outcome of a record in a batch. After "retried" and "late", SQS delivers it again. */
export type RecordEnd = "stored" | "refused" | "retried" | "late";

/** One record in the line of its batch. */
export interface EndedRecord {
  /** SNS's MessageId; absent if the body is not an envelope, or was not read. */
  readonly sns_message_id?: string;
  /** SQS's message id, if there is no other. */
  readonly sqs_message_id?: string;
  readonly end: RecordEnd;
  /** Time at which SNS received the event, in ISO 8601. */
  readonly received_at?: string;
  /** Key of its item; absent if it cannot become an item. */
  readonly event_type?: string;
  readonly timestamp_id?: string;
  /** The event's own id, if the key is ambiguous: `%23` in it may be a `#` or `%23`. */
  readonly event_id?: string;
  /** Reason why it is not stored. */
  readonly error_code?: string;
  /** Receive count; absent for the first receive. */
  readonly receive_count?: number;
}
