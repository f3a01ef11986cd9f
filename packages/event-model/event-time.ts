import { excerpt } from "./excerpt";
import { parseDecimal } from "./item/decimal";
import { type JsonMember, JsonNumber, sourceOf } from "./json";
import { parseRfc3339 } from "./rfc3339";

/** Pointers to the members that may contain an event's time: `time`, as in CloudEvents, comes first. */
export const TIME_POINTERS = ["/time", "/timestamp"] as const;

/** A member that should contain the event's time, but is in no format that the pipeline reads. */
export interface UnreadableTime {
  /** The member's name, or where the mapping points to. */
  readonly member: string;
  /** The value's JSON, cut to 100 characters. */
  readonly value: string;
}

/** An event's own time. Both are undefined if the event has none. */
export interface EventTime {
  /** Time from the first readable member. */
  readonly time: Date | undefined;
  /** The first member, if no member is readable. */
  readonly unreadableTime: UnreadableTime | undefined;
}

/** Reads the event's time from the first readable of these values. A value that is null counts as absent. */
export function readEventTime(values: Iterable<readonly [place: string, value: JsonMember | undefined]>): EventTime {
  let unreadableTime: UnreadableTime | undefined;
  for (const [place, value] of values) {
    if (value === undefined || value === null) continue;
    const time = value instanceof JsonNumber ? parseEpoch(value.source) : textTime(value);
    if (time) return { time, unreadableTime: undefined };
    unreadableTime ??= { member: place.replace(/^\/([^/]*)$/, "$1"), value: excerpt(sourceOf(value)) };
  }
  return { time: undefined, unreadableTime };
}

/** Returns the time as the pipeline read it when it read no numbers. Keys of stored items may have this time. */
export function formerTimeOf(found: ReadonlyMap<string, JsonMember>): Date | undefined {
  return TIME_POINTERS.map((pointer) => textTime(found.get(pointer))).find((time) => time !== undefined);
}

/** Returns a sentence for the publisher: the value, and what to publish instead. */
export function describeUnreadableTime({ member, value }: UnreadableTime): string {
  return `The event's ${member} is ${value}, which is not a readable time. Publish RFC 3339 with an offset, such as "2026-01-02T03:04:05Z", or the seconds or milliseconds since 1970 as a number, such as 1767323045.`;
}

/** Returns sentences for the reader of a stored event: which time it has instead, and why. */
export function explainReplacedTime(unreadable: UnreadableTime): string {
  return `The time in the key is the time at which SNS received the event. ${describeUnreadableTime(unreadable)}`;
}

function textTime(value: JsonMember | undefined): Date | undefined {
  return typeof value === "string" ? parseRfc3339(value) : undefined;
}

/** Digits before the decimal point, from 2001 to 2286: seconds, milliseconds, microseconds and nanoseconds. */
const EPOCH_DIGITS: readonly number[] = [10, 13, 16, 19];
const MILLISECOND_DIGITS = 13;

/**
 * Parses a JSON number as a time since 1970, and truncates it to milliseconds. The number of digits before the decimal
 * point determines the unit. Returns undefined for any other number, because its unit would be a guess.
 *
 * @example
 * parseEpoch("1767323045.678")?.toISOString(); // "2026-01-02T03:04:05.678Z"
 */
export function parseEpoch(source: string): Date | undefined {
  const { negative, digits, exponent } = parseDecimal(source);
  if (negative || !EPOCH_DIGITS.includes(digits.length + exponent)) return undefined;
  // In each unit, the first 13 digits are milliseconds. Arithmetic with doubles would round.
  return new Date(Number(digits.slice(0, MILLISECOND_DIGITS).padEnd(MILLISECOND_DIGITS, "0")));
}
