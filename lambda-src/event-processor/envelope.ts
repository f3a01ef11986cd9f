import { InvalidEnvelopeError } from "./errors";

/** The parts of SNS's envelope that an item is made of. */
export interface Envelope {
  /** The same at every redelivery of one publish. */
  readonly messageId: string;
  /** When SNS took the message. */
  readonly timestamp: Date;
  /** The published text. */
  readonly message: string;
}

/**
 * Reads the body of an SQS message from a subscription without raw delivery.
 *
 * @throws InvalidEnvelopeError when a part is missing or of the wrong form.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function parseEnvelope(body: string): Envelope {
  const envelope = parseObject(body);
  const { MessageId: messageId, Timestamp: timestamp, Message: message } = envelope;
  if (typeof messageId !== "string" || messageId === "") throw missing("MessageId", messageId);
  if (typeof message !== "string") throw missing("Message", message);
  const date = new Date(typeof timestamp === "string" ? timestamp : Number.NaN);
  if (Number.isNaN(date.getTime())) throw missing("Timestamp", timestamp);
  return { messageId, timestamp: date, message };
}

function parseObject(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new InvalidEnvelopeError(`The body is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidEnvelopeError("The body is JSON but no object, so it is not an SNS envelope.");
  }
  return value as Record<string, unknown>;
}

function missing(field: string, value: unknown): InvalidEnvelopeError {
  return new InvalidEnvelopeError(
    `The body is not an SNS envelope: ${field} is ${JSON.stringify(value) ?? "missing"}. Is raw message delivery off?`,
  );
}
