import { RefusedMessageError } from "@event-pipeline/event-model/refusal";

/** DynamoDB did not accept the item in time. A later attempt may succeed. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";
}

/** An answer from DynamoDB does not say which items are stored. */
export class UnacknowledgedError extends Error {
  override readonly name = "UnacknowledgedError";
}

/** An answer from AWS is larger than any answer to its request can be. */
export class AnswerTooLargeError extends Error {
  override readonly name = "AnswerTooLargeError";
}

/** SQS did not accept the dead letter. After `maxReceiveCount` receives it moves the message there itself. */
export class NotDeadLetteredError extends Error {
  override readonly name = "NotDeadLetteredError";
}

/** The function's environment is not valid. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** Returns the code of an error for logs and metrics: of a refusal, or the error's name. */
export function codeOf(error: Error): string {
  return error instanceof RefusedMessageError ? error.code : error.name;
}
