import type { MessageAttributes } from "../envelope";
import { type EventTime, readEventTime, TIME_POINTERS } from "../event-time";
import { isJsonNumber, type JsonMember, JsonNumber } from "../json";

/** The type, ID and time of an event, as published. */
export interface EventIdentity extends EventTime {
  readonly type: JsonMember | undefined;
  readonly id: JsonMember | undefined;
  /** The entry of the mapping that found them: a preset's name, or `rule` and its position. Undefined if none did. */
  readonly mappedBy: string | undefined;
  /** The value within which the ID is unique, if it is not in the event's text. */
  readonly scope?: string | undefined;
}

/** The sources of an identity's values: the event by JSON pointer, and SNS's message attributes. */
export interface IdentitySource {
  readonly found: ReadonlyMap<string, JsonMember>;
  readonly attributes?: MessageAttributes | undefined;
}

/** Prefix of a place in SNS's message attributes. Every other place is a JSON pointer. */
export const ATTRIBUTE = "attribute:";

export const DEFAULT_POINTERS = ["/type", "/id", ...TIME_POINTERS] as const;

/** The types of attributes whose values are texts or numbers. A `String.Array` is a list, and a `Binary` is base64. */
const TEXT_TYPE = /^String(?:\.(?!Array$)|$)/;
const NUMBER_TYPE = /^Number(?:\.|$)/;

/**
 * Returns the value at a place. An attribute of the type `Number` is a number if JSON has it, otherwise a text. Attributes
 * that are neither texts nor numbers count as absent.
 */
export function valueAt({ found, attributes }: IdentitySource, place: string): JsonMember | undefined {
  if (!place.startsWith(ATTRIBUTE)) return found.get(place);
  const attribute = attributes?.get(place.slice(ATTRIBUTE.length));
  if (!attribute) return undefined;
  const { type, value } = attribute;
  if (NUMBER_TYPE.test(type)) return isJsonNumber(value) ? new JsonNumber(value) : value;
  return TEXT_TYPE.test(type) ? value : undefined;
}

/** Reads the identity of an event that no mapping claims. */
export function defaultIdentity({ found }: IdentitySource): EventIdentity {
  return {
    type: found.get("/type"),
    id: found.get("/id"),
    ...timeAt({ found }, TIME_POINTERS),
    mappedBy: undefined,
  };
}

/** Reads the time from the first of these places that has a readable one. */
export function timeAt(source: IdentitySource, places: readonly string[]): EventTime {
  return readEventTime(places.map((place) => [place, valueAt(source, place)]));
}

/** Returns the first value that can be a type; undefined if no place has one. */
export function typeAt(source: IdentitySource, places: readonly string[]): string | undefined {
  for (const place of places) {
    const value = valueAt(source, place);
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** Returns the first value that can be an ID; undefined if no place has one. */
export function idAt(source: IdentitySource, places: readonly string[]): JsonMember | undefined {
  return places
    .map((place) => valueAt(source, place))
    .find((value) => value instanceof JsonNumber || (typeof value === "string" && value !== ""));
}
