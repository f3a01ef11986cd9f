/** Why a message can never become an item: attribute of its dead letter, field of its log line, dimension of its metric. */
export type RefusalCode =
  | "NOT_AN_ENVELOPE"
  | "NOT_JSON"
  | "NOT_AN_OBJECT"
  | "INVALID_TYPE"
  | "KEY_TOO_LONG"
  | "ITEM_TOO_LARGE"
  | "REFUSED_BY_DYNAMODB";

/** A message that no retry can turn into an item. */
export class RefusedMessageError extends Error {
  override readonly name = "RefusedMessageError";

  constructor(
    readonly code: RefusalCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** DynamoDB did not take the item in time; a later attempt may succeed. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";
}

/** SQS did not take the dead letter; the message's own receives end with SQS moving it there. */
export class NotDeadLetteredError extends Error {
  override readonly name = "NotDeadLetteredError";
}

/** The function is deployed wrongly. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}
