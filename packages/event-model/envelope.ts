import { excerpt } from "./excerpt";
import { type JsonMember, JsonNumber, JsonSource, type ParsedJson, parseJson } from "./json";
import { RefusedMessageError } from "./refusal";
import { parseRfc3339 } from "./rfc3339";

/** The parts of SNS's envelope that an item is made of. */
export interface Envelope {
  /** SNS's id of the message, the same at every redelivery. */
  readonly messageId: string;
  /** The time at which SNS received the message. */
  readonly timestamp: Date;
  /** The published text. */
  readonly message: string;
}

const MEMBERS = ["MessageId", "Timestamp", "Message"] as const;

/** SNS's ids are UUIDs. This allows 100 printable characters without `#`, which separates the parts of a sort key. */
const MESSAGE_ID = /^[\x21\x22\x24-\x7e]{1,100}$/;

/**
 * Maximum number of colons for `JSON.parse`, which is four times faster than `parseJson` for an envelope. Its time
 * depends on the members, half a microsecond for each at worst, and a text has no more members than colons.
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

/** Returns the members if they are the strings that SNS writes; undefined for `parseMembers` to say what is wrong. */
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
    // Without a tree, because nothing limits the message attributes, which are in the envelope too.
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

function sourceOf(member: JsonMember): string {
  return member instanceof JsonSource || member instanceof JsonNumber ? member.source : JSON.stringify(member);
}
