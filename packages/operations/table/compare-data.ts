import { gunzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { parseEvent } from "@event-pipeline/event-model/event";
import { type AttributeValue as EventValue, toAttribute } from "@event-pipeline/event-model/item/attribute-value";
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
    const map = expected.data instanceof Map ? expected.data : mapOf(text);
    return map !== undefined && isSame(data, map);
  }
  const stored = storedText(data);
  if (stored === undefined) return false;
  if (typeof expected.data === "string") return stored === expected.data;
  return stored === (expected.data instanceof Map ? text : gunzipSync(expected.data).toString());
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
function mapOf(text: string): EventValue | undefined {
  const { value, hasDuplicateKeys } = parseEvent(text, Number.POSITIVE_INFINITY);
  return value === undefined || hasDuplicateKeys ? undefined : toAttribute(value)?.value;
}

/** Recursion is safe: DynamoDB's items have at most 32 levels. */
function isSame(stored: AttributeValue, expected: EventValue): boolean {
  if (expected === null) return stored.NULL === true;
  if (typeof expected === "boolean") return stored.BOOL === expected;
  if (typeof expected === "string") return stored.S === expected;
  if (expected instanceof NumberValue) return stored.N !== undefined && isSameNumber(stored.N, expected.value);
  if (Array.isArray(expected)) {
    const list = stored.L;
    return (
      list?.length === expected.length && expected.every((value, index) => isSame(list[index] as AttributeValue, value))
    );
  }
  const map = stored.M;
  if (!map || Object.keys(map).length !== expected.size) return false;
  return [...expected].every(([name, value]) => {
    const member = Object.hasOwn(map, name) ? map[name] : undefined;
    return member !== undefined && isSame(member, value);
  });
}

/** DynamoDB may write a number in another way than it was sent. */
function isSameNumber(one: string, other: string): boolean {
  return JSON.stringify(parseDecimal(one)) === JSON.stringify(parseDecimal(other));
}
