import { excerpt } from "./excerpt";
import { type JsonMember, JsonNumber, JsonSource, type ParsedJson, parseJson } from "./json";
import { RefusedMessageError } from "./refusal";
import { parseRfc3339 } from "./rfc3339";

/** A published event: a JSON object, and the text that it came as. */
export interface Event extends Pick<ParsedJson, "members" | "value" | "valueCount" | "hasDuplicateKeys"> {
  /** The published text, less a byte order mark. */
  readonly text: string;
}

/**
 * Of how many values a map is made: these, and one for each so many characters
 * of the text. A value costs the handler two microseconds and 200 bytes, so that
 * without a bound a batch of zeros and commas, three million of them in 6 MB,
 * would take all the time there is. Ordinary events have a value for each 15
 * to 30 characters.
 */
const FREE_MAP_VALUES = 100;
const CHARACTERS_PER_MAP_VALUE = 8;

/**
 * @param maxValues - Most values that a tree is built of; 0 for who needs no tree.
 * @default - so many as a map is made of
 * @throws RefusedMessageError NOT_JSON or NOT_AN_OBJECT.
 */
export function parseEvent(message: string, maxValues?: number): Event {
  // RFC 8259 lets a parser skip the mark; it is no part of the value.
  const text = message.startsWith("\uFEFF") ? message.slice(1) : message;
  const parsed = parse(text, maxValues ?? FREE_MAP_VALUES + text.length / CHARACTERS_PER_MAP_VALUE);
  if (!parsed.isObject) {
    throw new RefusedMessageError(
      "NOT_AN_OBJECT",
      `The message is JSON but no object: ${excerpt(text)} Publish an event such as {"type": "finding.new"}.`,
    );
  }
  const { members, value, valueCount, hasDuplicateKeys } = parsed;
  return { members, value, valueCount, hasDuplicateKeys, text };
}

function parse(text: string, maxValues: number): ParsedJson {
  try {
    return parseJson(text, { members: ["type", "time", "timestamp", "id"], maxValues });
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
