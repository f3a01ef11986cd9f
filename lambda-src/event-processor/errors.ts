import { RefusedMessageError } from "@event-pipeline/event-model/refusal";

/** DynamoDB did not accept the item in time. A later attempt may succeed. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";
}

/** A response from DynamoDB does not say which items are stored. */
export class UnacknowledgedError extends Error {
  override readonly name = "UnacknowledgedError";
}

/** A response from AWS is larger than any valid response to the request. */
export class AnswerTooLargeError extends Error {
  override readonly name = "AnswerTooLargeError";
}

/** SQS did not accept the dead letter. After `maxReceiveCount` receives, SQS moves the message there itself. */
export class NotDeadLetteredError extends Error {
  override readonly name = "NotDeadLetteredError";
}

/** The function's environment is not valid. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** Returns an error's code for logs and metrics: the refusal code, or else the error's name. */
export function codeOf(error: Error): string {
  return error instanceof RefusedMessageError ? error.code : error.name;
}
