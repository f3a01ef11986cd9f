import type { Envelope } from "./envelope";
import type { UnreadableTime } from "./event-time";
import { excerpt } from "./excerpt";
import { type JsonMember, JsonSource, type ParsedJson, parseJson, sourceOf } from "./json";
import type { EventIdentity } from "./mapping/identity";
import { Mapping } from "./mapping/mapping";
import { RefusedMessageError } from "./refusal";

/** A published event: a JSON object, its text, and its type, ID and time. */
export interface Event extends EventIdentity, Pick<ParsedJson, "found" | "value" | "valueCount" | "hasDuplicateKeys"> {
  /** The published text, without a byte order mark. */
  readonly text: string;
}

/** The parts of an envelope that determine the event. */
export type PublishedMessage = Pick<Envelope, "message" | "attributes">;

export interface ParseEventOptions {
  /**
   * The places of an event's type, ID and time.
   * @default - in its members `type`, `id`, and `time` or `timestamp`
   */
  readonly mapping?: Mapping | undefined;
  /**
   * Maximum number of values in the tree; 0 for no tree.
   * @default - the limit for a map
   */
  readonly maxValues?: number;
}

/**
 * Maximum number of values in an event that is stored as a map: 100, plus 1 per 8 characters of text. Ordinary events have
 * 1 per 15 to 30 characters. A value costs the handler 2 µs and 200 bytes. Without a limit, a batch of 6 MB with three
 * million zeros would exceed the function's timeout.
 */
const FREE_MAP_VALUES = 100;
const CHARACTERS_PER_MAP_VALUE = 8;

/**
 * Parses a published message.
 *
 * @throws RefusedMessageError NOT_JSON or NOT_AN_OBJECT.
 * @example
 * eventTypeOf(parseEvent({ message: '{"type": "finding.new"}' })); // "finding.new"
 */
export function parseEvent({ message, attributes }: PublishedMessage, options: ParseEventOptions = {}): Event {
  const { mapping = Mapping.NONE, maxValues } = options;
  // RFC 8259 allows a parser to ignore a byte order mark.
  const text = message.startsWith("\uFEFF") ? message.slice(1) : message;
  const parsed = parse(text, mapping, maxValues ?? FREE_MAP_VALUES + text.length / CHARACTERS_PER_MAP_VALUE);
  if (!parsed.isObject) {
    throw new RefusedMessageError(
      "NOT_AN_OBJECT",
      `The message is JSON but no object: ${excerpt(text)}. Publish an event such as {"type": "finding.new"}.`,
    );
  }
  const { found, value, valueCount, hasDuplicateKeys } = parsed;
  const { type, id, time, unreadableTime, mappedBy, scope } = mapping.identify({ found, attributes });
  return { found, value, valueCount, hasDuplicateKeys, text, type, id, time, unreadableTime, mappedBy, scope };
}

function parse(text: string, { pointers }: Mapping, maxValues: number): ParsedJson {
  try {
    return parseJson(text, { pointers, maxValues });
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new RefusedMessageError(
      "NOT_JSON",
      `The message is not JSON: ${cause.message}. Publish an event such as {"type": "finding.new"}.`,
      { cause },
    );
  }
}

/** Returns the time that the handler cannot read in a published message; undefined if it can, or refuses the message. */
export function unreadableTimeIn(published: PublishedMessage, mapping?: Mapping): UnreadableTime | undefined {
  try {
    return parseEvent(published, { mapping, maxValues: 0 }).unreadableTime;
  } catch (error) {
    if (error instanceof RefusedMessageError) return undefined;
    throw error;
  }
}

/**
 * Returns the event's `type`, or `unknown` if the event has none.
 *
 * @throws RefusedMessageError INVALID_TYPE if the type cannot be a key.
 */
export function eventTypeOf({ type }: Pick<Event, "type">): string {
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
  return excerpt(sourceOf(type));
}
