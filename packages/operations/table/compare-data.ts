import { gunzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { parseEvent } from "@event-pipeline/event-model/event";
import { toAttribute } from "@event-pipeline/event-model/item/attribute-value";
import type { WireItem } from "@event-pipeline/event-model/item/attributes";
import { parseDecimal } from "@event-pipeline/event-model/item/decimal";
import type { EventItem } from "@event-pipeline/event-model/item/item";

/**
 * Returns whether a stored item has the data that the handler stores for an event. Maps
 * are compared member by member, texts character by character, and compressed
 * texts after decompression. An earlier handler may have chosen another form.
 *
 * @param text - The event as published.
 */
export function hasSameData({ data }: WireItem, expected: EventItem, text: string): boolean {
  if (data?.M) {
    const map = expected.data.M ? expected.data : mapOf(text);
    return map !== undefined && isSame(data, map);
  }
  const found = storedText(data);
  return found !== undefined && found === (expected.data.M ? text : storedText(expected.data));
}

/** Returns the text in an attribute, decompressed if necessary; undefined when it has none. */
export function storedText(data: AttributeValue | undefined): string | undefined {
  if (data?.S !== undefined) return data.S;
  if (data?.B === undefined) return undefined;
  try {
    return gunzipSync(data.B).toString();
  } catch {
    return undefined; // The data is damaged.
  }
}

/** Returns the map of an event with any number of values, as earlier handlers stored it; undefined when no map can hold it. */
function mapOf(text: string): AttributeValue | undefined {
  const { value, hasDuplicateKeys } = parseEvent(text, Number.POSITIVE_INFINITY);
  return value === undefined || hasDuplicateKeys ? undefined : toAttribute(value)?.value;
}

/** Recursion is safe: DynamoDB's items have at most 32 levels. */
function isSame(stored: AttributeValue, expected: AttributeValue): boolean {
  if (expected.N !== undefined) return stored.N !== undefined && isSameNumber(stored.N, expected.N);
  if (expected.L) {
    const { L: list } = stored;
    return (
      list?.length === expected.L.length &&
      expected.L.every((each, index) => isSame(list[index] as AttributeValue, each))
    );
  }
  if (expected.M) {
    const { M: map = {} } = stored;
    const members = Object.entries(expected.M);
    return (
      stored.M !== undefined &&
      Object.keys(map).length === members.length &&
      members.every(([name, value]) => {
        const member = Object.hasOwn(map, name) ? map[name] : undefined;
        return member !== undefined && isSame(member, value);
      })
    );
  }
  return stored.S === expected.S && stored.BOOL === expected.BOOL && stored.NULL === expected.NULL;
}

/** DynamoDB may write a number in another way than it was sent. */
function isSameNumber(one: string, other: string): boolean {
  return JSON.stringify(parseDecimal(one)) === JSON.stringify(parseDecimal(other));
}
