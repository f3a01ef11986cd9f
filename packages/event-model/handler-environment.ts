/** Environment variables that the stack sets for the event processor, which reads them. */
export interface HandlerEnvironment {
  /** Name of the table that items go to. */
  readonly TABLE_NAME: string;
  /** URL of the queue that refused messages go to. */
  readonly DEAD_LETTER_QUEUE_URL: string;
  /** Days after which an item expires; 0 for never. */
  readonly EVENT_TTL_DAYS: string;
  /** Whether the log line of each batch names its records: `true` or `false`; it does when unset. */
  readonly LOG_RECORDS: string;
}
