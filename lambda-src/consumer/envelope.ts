import { excerpt } from "./excerpt";
import { RefusedMessageError } from "./refused-message-error";
import { parseRfc3339 } from "./rfc3339";

/** The parts of SNS's envelope that an item is made of. */
export interface Envelope {
  /** The same at every redelivery of one publish. */
  readonly messageId: string;
  /** When SNS took the message. */
  readonly timestamp: Date;
  /** The published text. */
  readonly message: string;
}

/** SNS's own are UUIDs; its limit is 100 characters. Anything else could not be part of a key. */
const MESSAGE_ID = /^[\x21-\x7e]{1,100}$/;

/**
 * Reads the body of an SQS message from a subscription without raw delivery.
 *
 * @throws RefusedMessageError NOT_AN_ENVELOPE when a part is missing or of the wrong form.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function parseEnvelope(body: string): Envelope {
  const { MessageId: messageId, Timestamp: timestamp, Message: message } = parseObject(body);
  if (typeof messageId !== "string" || !MESSAGE_ID.test(messageId)) throw wrong("MessageId", messageId);
  if (typeof message !== "string") throw wrong("Message", message);
  const date = typeof timestamp === "string" ? parseRfc3339(timestamp) : undefined;
  if (!date) throw wrong("Timestamp", timestamp);
  return { messageId, timestamp: date, message };
}

function parseObject(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new RefusedMessageError("NOT_AN_ENVELOPE", `The body is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RefusedMessageError(
      "NOT_AN_ENVELOPE",
      `The body is JSON but no object, so it is not an SNS envelope: ${excerpt(body)}`,
    );
  }
  return value as Record<string, unknown>;
}

function wrong(field: string, value: unknown): RefusedMessageError {
  const found = value === undefined ? "missing" : excerpt(JSON.stringify(value));
  return new RefusedMessageError(
    "NOT_AN_ENVELOPE",
    `The body is not an SNS envelope: ${field} is ${found}. Let SNS send to the queue, with raw message delivery off.`,
  );
}
