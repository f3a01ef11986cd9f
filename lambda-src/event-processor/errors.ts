/** A message that no retry can turn into an item. */
export class InvalidMessageError extends Error {
  override readonly name: string = "InvalidMessageError";
}

/** The SQS body is not the envelope that SNS writes when raw delivery is off. */
export class InvalidEnvelopeError extends InvalidMessageError {
  override readonly name = "InvalidEnvelopeError";
}

/** The SNS message is not an event that the table can hold. */
export class InvalidEventError extends InvalidMessageError {
  override readonly name = "InvalidEventError";
}

/** DynamoDB did not take the item; a later attempt may succeed. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";
}

/** The function is deployed wrongly. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}
