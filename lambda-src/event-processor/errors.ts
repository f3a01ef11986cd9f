/** DynamoDB did not take the item in time; a later attempt may succeed. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";
}

/** DynamoDB answered, but its answer does not say what became of the items. */
export class UnacknowledgedError extends Error {
  override readonly name = "UnacknowledgedError";
}

/** An answer of AWS is longer than any answer to its request can be. */
export class AnswerTooLargeError extends Error {
  override readonly name = "AnswerTooLargeError";
}

/** SQS did not take the dead letter; the message's own receives end with SQS moving it there. */
export class NotDeadLetteredError extends Error {
  override readonly name = "NotDeadLetteredError";
}

/** The function is deployed wrongly. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}
