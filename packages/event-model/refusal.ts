/**
 * Why a message can never become an item: attribute of its dead letter, field
 * of its log line, dimension of its metric.
 */
export type RefusalCode =
  | "NOT_AN_ENVELOPE"
  | "NOT_JSON"
  | "NOT_AN_OBJECT"
  | "INVALID_TYPE"
  | "KEY_TOO_LONG"
  | "ITEM_TOO_LARGE"
  | "REFUSED_BY_DYNAMODB";

/** A message that no retry can make use of. */
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

/** Attributes of a dead letter that the handler sent: why it is there, and which messages it was. */
export const DEAD_LETTER_ATTRIBUTES = {
  code: "error_code",
  reason: "error_message",
  sqsMessageId: "original_message_id",
  snsMessageId: "sns_message_id",
} as const;
