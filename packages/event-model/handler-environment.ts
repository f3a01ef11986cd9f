/** Environment variables of the event processor. The stack sets them, and the handler reads them. */
export interface HandlerEnvironment {
  /** The name of the events table. */
  readonly TABLE_NAME: string;
  /** The URL of the dead-letter queue. */
  readonly DEAD_LETTER_QUEUE_URL: string;
  /** Days from SNS's receipt of an event until its item expires; 0 for never. */
  readonly EVENT_TTL_DAYS: string;
  /** `true` if the log line of each batch lists its records, else `false`. Unset means `true`. */
  readonly LOG_RECORDS: string;
  /** SHA-256 of the contracts and the mapping in `contracts.mjs`; absent if there are none. */
  readonly CONTRACTS_HASH?: string;
}
