import { excerpt } from "./excerpt";
import { type JsonMember, type ParsedJson, parseJson, sourceOf } from "./json";
import { RefusedMessageError } from "./refusal";
import { parseRfc3339 } from "./rfc3339";

/** The members of SNS's envelope that the pipeline uses. */
export interface Envelope {
  /** SNS's message ID. Redeliveries of the message have the same ID. */
  readonly messageId: string;
  /** The time at which SNS received the message. */
  readonly timestamp: Date;
  /** The published text. */
  readonly message: string;
}

const MEMBERS = ["MessageId", "Timestamp", "Message"] as const;

/** Accepts SNS's UUIDs, and other IDs of up to 100 printable characters without `#`, the separator in sort keys. */
const MESSAGE_ID = /^[\x21\x22\x24-\x7e]{1,100}$/;

/**
 * Maximum number of colons in a body that `JSON.parse` parses. `JSON.parse` is four times faster than `parseJson`, but
 * takes up to 0.5 µs per member, and hostile bodies have many. A text has at most as many members as colons.
 */
const MAX_QUICK_COLONS = 64;

/**
 * Parses the body of an SQS message from a subscription without raw message delivery.
 *
 * @throws RefusedMessageError NOT_AN_ENVELOPE if a part is missing or malformed.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 * @example
 * const { messageId, message } = parseEnvelope(record.body);
 */
export function parseEnvelope(body: string): Envelope {
  const [messageId, timestamp, message] = quickMembers(body) ?? parseMembers(body);
  if (typeof messageId !== "string" || !MESSAGE_ID.test(messageId)) throw malformed("MessageId", messageId);
  if (typeof message !== "string") throw malformed("Message", message);
  const date = typeof timestamp === "string" ? parseRfc3339(timestamp) : undefined;
  if (!date) throw malformed("Timestamp", timestamp);
  return { messageId, timestamp: date, message };
}

/** Returns the members if `JSON.parse` is fast enough and all members are strings; otherwise undefined. */
function quickMembers(body: string): readonly string[] | undefined {
  let colons = 0;
  for (let at = body.indexOf(":"); at >= 0; at = body.indexOf(":", at + 1)) {
    colons += 1;
    if (colons > MAX_QUICK_COLONS) return undefined;
  }
  try {
    const envelope = JSON.parse(body) as Readonly<Record<string, unknown>> | null;
    const members = MEMBERS.map((name) => envelope?.[name]);
    return members.every((member) => typeof member === "string") ? members : undefined;
  } catch {
    return undefined;
  }
}

function parseMembers(body: string): readonly (JsonMember | undefined)[] {
  let parsed: ParsedJson;
  try {
    // No tree, because the envelope also contains the message attributes, whose number is unlimited.
    parsed = parseJson(body, { members: MEMBERS, maxValues: 0 });
  } catch (cause) {
    throw new RefusedMessageError("NOT_AN_ENVELOPE", `The body is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (parsed.isObject) return MEMBERS.map((name) => parsed.members.get(name));
  throw new RefusedMessageError(
    "NOT_AN_ENVELOPE",
    `The body is JSON but no object, so it is not an SNS envelope: ${excerpt(body)}`,
  );
}

function malformed(field: string, member: JsonMember | undefined): RefusedMessageError {
  const found = member === undefined ? "missing" : excerpt(sourceOf(member));
  return new RefusedMessageError(
    "NOT_AN_ENVELOPE",
    `The body is not an SNS envelope: ${field} is ${found}. Let SNS send to the queue, with raw message delivery off.`,
  );
}
