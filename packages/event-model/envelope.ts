import { excerpt } from "./excerpt";
import { type JsonMember, JsonSource, type ParsedJson, Pointers, parseJson, sourceOf } from "./json";
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
  /** SNS's Subject; absent if the message has none. */
  readonly subject?: string;
  /** SNS's message attributes by name; absent if the message has none, or more than 1,000. */
  readonly attributes?: MessageAttributes;
}

/** A message attribute: its data type, such as `String` or `Number`, and its value as text. Binary values are base64. */
export interface MessageAttribute {
  readonly type: string;
  readonly value: string;
}

export type MessageAttributes = ReadonlyMap<string, MessageAttribute>;

const MEMBERS = ["MessageId", "Timestamp", "Message", "Subject", "MessageAttributes"] as const;
const POINTERS = new Pointers(MEMBERS.map((name) => `/${name}`));
type Members = readonly (JsonMember | undefined)[];

/** Each has a name, a type and a value. Without a limit, their number could exceed the function's memory. */
const MAX_ATTRIBUTES = 1_000;

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
  const [messageId, timestamp, message, subject, attributes] = quickMembers(body) ?? parseMembers(body);
  if (typeof messageId !== "string" || !MESSAGE_ID.test(messageId)) throw malformed("MessageId", messageId);
  if (typeof message !== "string") throw malformed("Message", message);
  const date = typeof timestamp === "string" ? parseRfc3339(timestamp) : undefined;
  if (!date) throw malformed("Timestamp", timestamp);
  return {
    messageId,
    timestamp: date,
    message,
    ...(typeof subject === "string" && { subject }),
    ...(attributes instanceof JsonSource && attributesOf(attributes)),
  };
}

/** Returns no attributes if there are too many. A value that is not an attribute is left out. */
function attributesOf({ source }: JsonSource): Pick<Envelope, "attributes"> {
  const { value } = parseJson(source, { maxValues: 3 * MAX_ATTRIBUTES + 1 });
  if (!(value instanceof Map)) return {};
  const attributes = new Map<string, MessageAttribute>();
  for (const [name, attribute] of value) {
    const [type, text] = attribute instanceof Map ? [attribute.get("Type"), attribute.get("Value")] : [];
    if (typeof type === "string" && typeof text === "string") attributes.set(name, { type, value: text });
  }
  return attributes.size > 0 ? { attributes } : {};
}

/**
 * Returns the members if `JSON.parse` is fast enough, and the message has no attributes, and all members are strings;
 * otherwise undefined.
 */
function quickMembers(body: string): Members | undefined {
  let colons = 0;
  for (let at = body.indexOf(":"); at >= 0; at = body.indexOf(":", at + 1)) {
    colons += 1;
    if (colons > MAX_QUICK_COLONS) return undefined;
  }
  try {
    const envelope = JSON.parse(body) as Readonly<Record<string, unknown>> | null;
    const members = MEMBERS.map((name) => envelope?.[name]);
    const isQuick = members.every((member, index) => typeof member === "string" || (index > 2 && member === undefined));
    return isQuick ? (members as string[]) : undefined;
  } catch {
    return undefined;
  }
}

function parseMembers(body: string): Members {
  let parsed: ParsedJson;
  try {
    // No tree, because the envelope also contains the message attributes, whose number is unlimited.
    parsed = parseJson(body, { pointers: POINTERS, maxValues: 0 });
  } catch (cause) {
    throw new RefusedMessageError("NOT_AN_ENVELOPE", `The body is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (parsed.isObject) return MEMBERS.map((name) => parsed.found.get(`/${name}`));
  throw new RefusedMessageError(
    "NOT_AN_ENVELOPE",
    `The body is JSON but no object, so it is not an SNS envelope: ${excerpt(body)}`,
  );
}

/** Matches the trace context's header: version, trace ID, parent ID and flags. */
const TRACE_PARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:$|-)/;

/**
 * Returns the trace ID of the message attribute `traceparent`: 32 hexadecimal digits, or undefined if there is none.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceIdOf({ attributes }: Pick<Envelope, "attributes">): string | undefined {
  return traceIdIn(attributes?.get("traceparent")?.value);
}

/** Returns the trace ID in the value of `traceparent`; undefined if it has none. */
export function traceIdIn(traceparent = ""): string | undefined {
  return TRACE_PARENT.exec(traceparent)?.[1];
}

function malformed(field: string, member: JsonMember | undefined): RefusedMessageError {
  const found = member === undefined ? "missing" : excerpt(sourceOf(member));
  return new RefusedMessageError(
    "NOT_AN_ENVELOPE",
    `The body is not an SNS envelope: ${field} is ${found}. Let SNS send to the queue, with raw message delivery off.`,
  );
}
