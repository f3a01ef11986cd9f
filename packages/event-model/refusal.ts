/** The reasons why a message can never be stored. The dead letter, the log line and the metric contain the reason. */
export const REFUSAL_CODES = [
  "NOT_AN_ENVELOPE",
  "NOT_JSON",
  "NOT_AN_OBJECT",
  "INVALID_TYPE",
  "KEY_TOO_LONG",
  "ITEM_TOO_LARGE",
  "CONTRACT_VIOLATED",
  "UNKNOWN_TYPE",
  "REFUSED_BY_DYNAMODB",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Thrown for a message that can never be stored. A retry does not help. */
export class RefusedMessageError extends Error {
  override readonly name = "RefusedMessageError";
  /** JSON pointer to the rule in the contract that the event violates; undefined for other codes. */
  readonly rule: string | undefined;

  constructor(
    readonly code: RefusalCode,
    message: string,
    options?: ErrorOptions & { readonly rule?: string | undefined },
  ) {
    super(message, options);
    this.rule = options?.rule;
  }
}

/** Attributes that the handler adds to a dead letter: why the message was refused, and its IDs. */
export const DEAD_LETTER_ATTRIBUTES = {
  code: "error_code",
  reason: "error_message",
  sqsMessageId: "original_message_id",
  snsMessageId: "sns_message_id",
} as const;
