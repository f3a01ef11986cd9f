import type { Message } from "./read/message";

/** How the records of one batch fared; each is counted once. */
export interface BatchReport {
  /** Those whose events are in the table. */
  readonly stored: readonly Message[];
  /** How many of them another event of the same key stands for. */
  readonly folded: number;
  /** Those that are in the dead-letter queue. */
  readonly refused: readonly Failure[];
  /** Those that SQS will deliver again. */
  readonly retried: readonly Failure[];
}

export interface Failure {
  readonly message: Message;
  readonly error: Error;
}
