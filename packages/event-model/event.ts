import { excerpt } from "./excerpt";
import { type JsonMember, JsonNumber, JsonSource, type ParsedJson, parseJson } from "./json";
import { RefusedMessageError } from "./refusal";
import { parseRfc3339 } from "./rfc3339";

/** A published event: a JSON object and its text. */
export interface Event extends Pick<ParsedJson, "members" | "value" | "valueCount" | "hasDuplicateKeys"> {
  /** The published text, without a byte order mark. */
  readonly text: string;
}

/**
 * Maximum number of values of a map: these, and one for each 8 characters of the text. Ordinary events have one for each
 * 15 to 30 characters. A value costs the handler two microseconds and 200 bytes: without a limit, a batch of three million
 * zeros in 6 MB would take longer than the function may run.
 */
const FREE_MAP_VALUES = 100;
const CHARACTERS_PER_MAP_VALUE = 8;

/**
 * Parses a published message.
 *
 * @param maxValues - Maximum number of values in the tree; 0 to parse only the members of the key. By default as many as a
 * map may have.
 * @throws RefusedMessageError NOT_JSON or NOT_AN_OBJECT.
 * @example
 * eventTypeOf(parseEvent('{"type": "finding.new"}')); // "finding.new"
 */
export function parseEvent(message: string, maxValues?: number): Event {
  // RFC 8259 allows a parser to skip the mark, which is not a part of the value.
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
 * Returns the event's `type`, or `unknown` if it has none.
 *
 * @throws RefusedMessageError INVALID_TYPE if it cannot be a key.
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

/** Returns the event's `time`, as CloudEvents name it, or its `timestamp`. Undefined if neither is in RFC 3339. */
export function eventTimeOf({ members }: Event): Date | undefined {
  for (const value of [members.get("time"), members.get("timestamp")]) {
    const time = typeof value === "string" ? parseRfc3339(value) : undefined;
    if (time) return time;
  }
  return undefined;
}
