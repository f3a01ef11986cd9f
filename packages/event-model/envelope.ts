import { excerpt } from "./excerpt";
import { type JsonMember, JsonNumber, JsonSource, type ParsedJson, parseJson } from "./json";
import { RefusedMessageError } from "./refusal";
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

/** SNS's own are UUIDs; its limit is 100 characters. Printable, and without the `#` that ends a part of a sort key. */
const MESSAGE_ID = /^[\x21\x22\x24-\x7e]{1,100}$/;

/**
 * Reads the body of an SQS message from a subscription without raw delivery.
 *
 * @throws RefusedMessageError NOT_AN_ENVELOPE when a part is missing or of the wrong form.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function parseEnvelope(body: string): Envelope {
  const members = parseMembers(body);
  const [messageId, timestamp, message] = ["MessageId", "Timestamp", "Message"].map((name) => members.get(name));
  if (typeof messageId !== "string" || !MESSAGE_ID.test(messageId)) throw wrong("MessageId", messageId);
  if (typeof message !== "string") throw wrong("Message", message);
  const date = typeof timestamp === "string" ? parseRfc3339(timestamp) : undefined;
  if (!date) throw wrong("Timestamp", timestamp);
  return { messageId, timestamp: date, message };
}

function parseMembers(body: string): ParsedJson["members"] {
  let parsed: ParsedJson;
  try {
    // No tree: attributes of the message are in the envelope too, and nothing bounds those.
    parsed = parseJson(body, { members: ["MessageId", "Timestamp", "Message"], maxValues: 0 });
  } catch (cause) {
    throw new RefusedMessageError("NOT_AN_ENVELOPE", `The body is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (parsed.isObject) return parsed.members;
  throw new RefusedMessageError(
    "NOT_AN_ENVELOPE",
    `The body is JSON but no object, so it is not an SNS envelope: ${excerpt(body)}`,
  );
}

function wrong(field: string, member: JsonMember | undefined): RefusedMessageError {
  const found = member === undefined ? "missing" : excerpt(sourceOf(member));
  return new RefusedMessageError(
    "NOT_AN_ENVELOPE",
    `The body is not an SNS envelope: ${field} is ${found}. Let SNS send to the queue, with raw message delivery off.`,
  );
}

function sourceOf(member: JsonMember): string {
  return member instanceof JsonSource || member instanceof JsonNumber ? member.source : JSON.stringify(member);
}
