import type { SQSRecord } from "aws-lambda";
import type { UnacknowledgedError } from "./errors";
import type { Message } from "./message";

/** How the records of one step fared; each is in one of the lists. */
export interface Outcome {
  /** Those whose events are in the table. */
  readonly stored: readonly Message[];
  /** How many of them another event of the same key stands for. */
  readonly folded: number;
  /** Those that are in the dead-letter queue. */
  readonly refused: readonly Failure[];
  /** Those that SQS will deliver again. */
  readonly retried: readonly Failure[];
  /** Those that SQS will deliver again because there was no time to try anything. */
  readonly late: readonly SQSRecord[];
  /** Answers of DynamoDB that did not say what became of the items. */
  readonly unacknowledged: readonly UnacknowledgedError[];
}

export interface Failure {
  readonly message: Message;
  readonly error: Error;
}

/** The records that SQS is to deliver again. */
export function handedBack({ retried, late }: Outcome): SQSRecord[] {
  return [...retried.map(({ message }) => message.record), ...late];
}
