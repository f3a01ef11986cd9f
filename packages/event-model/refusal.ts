/**
 * The reason why a message can never be stored. It is an attribute of the dead letter, a field of the log line, and a
 * dimension of the metric.
 */
export type RefusalCode =
  | "NOT_AN_ENVELOPE"
  | "NOT_JSON"
  | "NOT_AN_OBJECT"
  | "INVALID_TYPE"
  | "KEY_TOO_LONG"
  | "ITEM_TOO_LARGE"
  | "REFUSED_BY_DYNAMODB";

/** A message that can never be stored, so that no retry helps. */
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

/** Attributes that the handler adds to a dead letter: the reason, and the ids of the message. */
export const DEAD_LETTER_ATTRIBUTES = {
  code: "error_code",
  reason: "error_message",
  sqsMessageId: "original_message_id",
  snsMessageId: "sns_message_id",
} as const;
