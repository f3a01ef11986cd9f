import { excerpt } from "../../consumer/excerpt";
import { type JsonMember, JsonNumber, JsonSource, type ParsedJson, parseJson } from "../../consumer/json";
import { RefusedMessageError } from "../../consumer/refused-message-error";
import { parseRfc3339 } from "../../consumer/rfc3339";

/** A published event: a JSON object, and the text that it came as. */
export interface Event extends Pick<ParsedJson, "members" | "value" | "valueCount" | "hasDuplicateKeys"> {
  /** The published text, less a byte order mark. */
  readonly text: string;
}

/**
 * Values of which a map is made. Each costs the handler some 100 bytes and two
 * microseconds, and a message has room for half a million: above this number
 * the text stands for them.
 */
const MAX_MAP_VALUES = 10_000;

/** @throws RefusedMessageError NOT_JSON or NOT_AN_OBJECT. */
export function parseEvent(message: string): Event {
  // RFC 8259 lets a parser skip the mark; it is no part of the value.
  const text = message.startsWith("\uFEFF") ? message.slice(1) : message;
  const parsed = parse(text);
  if (!parsed.isObject) {
    throw new RefusedMessageError(
      "NOT_AN_OBJECT",
      `The message is JSON but no object: ${excerpt(text)} Publish an event such as {"type": "finding.new"}.`,
    );
  }
  const { members, value, valueCount, hasDuplicateKeys } = parsed;
  return { members, value, valueCount, hasDuplicateKeys, text };
}

function parse(text: string): ParsedJson {
  try {
    return parseJson(text, { members: ["type", "time", "timestamp", "id"], maxValues: MAX_MAP_VALUES });
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new RefusedMessageError(
      "NOT_JSON",
      `The message is not JSON: ${cause.message}. Publish an event such as {"type": "finding.new"}.`,
      { cause },
    );
  }
}

/**
 * The event's `type`; `unknown` when it has none.
 *
 * @throws RefusedMessageError INVALID_TYPE when it cannot be part of a key.
 */
export function eventTypeOf({ members }: Event): string {
  const type = members.get("type");
  if (type === undefined) return "unknown";
  if (typeof type !== "string" || type === "" || !type.isWellFormed()) {
    throw new RefusedMessageError(
      "INVALID_TYPE",
      `The event's type is ${describe(type)}; it must be a non-empty string of whole Unicode characters, or absent.`,
    );
  }
  return type;
}

function describe(type: JsonMember): string {
  if (type instanceof JsonSource) return type.source.startsWith("{") ? "an object" : "an array";
  return excerpt(type instanceof JsonNumber ? type.source : JSON.stringify(type));
}

/** CloudEvents call it `time`; `timestamp` is common elsewhere. Undefined when neither is RFC 3339. */
export function eventTimeOf({ members }: Event): Date | undefined {
  for (const value of [members.get("time"), members.get("timestamp")]) {
    const time = typeof value === "string" ? parseRfc3339(value) : undefined;
    if (time) return time;
  }
  return undefined;
}
