import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { parseEvent } from "@event-pipeline/event-model/event";
import { toAttribute } from "@event-pipeline/event-model/item/attribute-value";
import type { WireItem } from "@event-pipeline/event-model/item/attributes";
import { parseDecimal } from "@event-pipeline/event-model/item/decimal";
import type { EventItem } from "@event-pipeline/event-model/item/item";

/**
 * Returns whether a stored item has an event's data, in whichever form an earlier
 * handler stored the data: a map, a text or a compressed text. A map is compared
 * member by member, and a text is decompressed first.
 *
 * @param expected - The item that the handler stores; undefined if it refuses the event by now.
 * @param text - The event's JSON as published.
 */
export function hasSameData({ data }: WireItem, expected: EventItem | undefined, text: string): boolean {
  if (data?.M) {
    const map = expected?.data.M ? expected.data : mapOf(text);
    return map !== undefined && isSame(data, map);
  }
  const found = storedText(data);
  return found !== undefined && found === (expected && !expected.data.M ? storedText(expected.data) : text);
}

/** Returns the text in an attribute, decompressed if necessary; undefined if the attribute has no text. */
export function storedText(data: AttributeValue | undefined): string | undefined {
  if (data?.S !== undefined) return data.S;
  if (data?.B === undefined) return undefined;
  try {
    return gunzipSync(data.B).toString();
  } catch {
    return undefined; // The data is damaged.
  }
}

/** Returns an event as a map of any size, as earlier handlers stored it; undefined if no map can represent the event. */
function mapOf(text: string): AttributeValue | undefined {
  const { value, hasDuplicateKeys } = parseEvent({ message: text }, { maxValues: Number.POSITIVE_INFINITY });
  return value === undefined || hasDuplicateKeys ? undefined : toAttribute(value)?.value;
}

function isSame(stored: AttributeValue, expected: AttributeValue): boolean {
  return isDeepStrictEqual(normalized(stored), normalized(expected));
}

/**
 * Returns a comparable form of a value. Numbers are parsed, because DynamoDB may return them in another notation.
 * Recursion is safe, because DynamoDB allows at most 32 levels.
 */
function normalized({ N, L, M, S, BOOL, NULL }: AttributeValue): object {
  if (N !== undefined) return { N: parseDecimal(N) };
  if (L) return L.map(normalized);
  if (M) return new Map(Object.entries(M).map(([name, value]) => [name, normalized(value)]));
  return { S, BOOL, NULL };
}
