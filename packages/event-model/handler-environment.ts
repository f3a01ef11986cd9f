/** Environment variables that the stack sets for the event processor. */
export interface HandlerEnvironment {
  /** Name of the table for items. */
  readonly TABLE_NAME: string;
  /** URL of the queue for refused messages. */
  readonly DEAD_LETTER_QUEUE_URL: string;
  /** Days after which an item expires; 0 for never. */
  readonly EVENT_TTL_DAYS: string;
  /** `true` or `false`: the log line of each batch lists its records, also if unset. */
  readonly LOG_RECORDS: string;
}
