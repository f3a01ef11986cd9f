/** Messages of the event processor's log lines, for who searches or reads them. */
export const LOG_LINES = {
  batch: "batch processed",
  /** Further records of the batch, where one line would be too long for CloudWatch. */
  batchContinued: "batch processed, continued",
  refused: "record refused",
  retried: "record handed back",
  timedOut: "records handed back for lack of time",
  expired: "record stored after its expiry",
  unacknowledged: "write not acknowledged",
} as const;

/** By which a log line of any handler says what became of a record, and why. */
export const LOG_FIELDS = {
  messageId: "sqs_message_id",
  /** Where one line tells of many. */
  messageIds: "sqs_message_ids",
  reason: "reason",
  /** Of the lines of a batch: a list of `EndedRecord`. */
  ends: "ends",
} as const;

/** What a batch made of a record; "retried" and "late" are no last ends, for SQS delivers it again. */
export type RecordEnd = "stored" | "refused" | "retried" | "late";

/** One record in the line of its batch. */
export interface EndedRecord {
  /** SNS's MessageId; absent when the body was no envelope, or was not read. */
  readonly sns_message_id?: string;
  /** SQS's own, where there is no other. */
  readonly sqs_message_id?: string;
  readonly end: RecordEnd;
  /** When SNS took the event, ISO 8601. */
  readonly received_at?: string;
  /** Key of its item; absent when no item can be made of it. */
  readonly event_type?: string;
  readonly timestamp_id?: string;
  /** The event's own id, where its key does not tell: `%23` there may be a `#`, or itself. */
  readonly event_id?: string;
  /** Why it is not stored. */
  readonly error_code?: string;
  /** Absent for the first receive. */
  readonly receive_count?: number;
}
