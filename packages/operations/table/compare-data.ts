import { gunzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { parseEvent } from "@event-pipeline/event-model/event";
import { type AttributeValue as EventValue, toAttribute } from "@event-pipeline/event-model/item/attribute-value";
import type { WireItem } from "@event-pipeline/event-model/item/attributes";
import { type Decimal, parseDecimal } from "@event-pipeline/event-model/item/decimal";
import type { EventItem } from "@event-pipeline/event-model/item/item";

/**
 * Whether the stored item has the event that it must have: a map member for
 * member, a text letter for letter, and what is compressed by what it unpacks to.
 * An earlier handler may have kept the same event in another of these forms.
 *
 * @param text - The event as published.
 */
export function hasSameData(stored: WireItem, expected: EventItem, text: string): boolean {
  const { data } = stored;
  if (data?.M) {
    const map = expected.data instanceof Map ? expected.data : mapOf(text);
    return map !== undefined && isSame(data, map);
  }
  const storedText = textOf(data);
  if (storedText === undefined) return false;
  if (typeof expected.data === "string") return storedText === expected.data;
  return storedText === (expected.data instanceof Map ? text : gunzipSync(expected.data).toString());
}

function textOf(data: AttributeValue | undefined): string | undefined {
  if (data?.S !== undefined) return data.S;
  if (data?.B === undefined) return undefined;
  try {
    return gunzipSync(data.B).toString();
  } catch {
    return undefined; // Damaged, so it is not the same.
  }
}

/** The map that an earlier handler made, which bounded the number of its values less; undefined where none holds the text. */
function mapOf(text: string): EventValue | undefined {
  const { value, hasDuplicateKeys } = parseEvent(text, Number.POSITIVE_INFINITY);
  return value === undefined || hasDuplicateKeys ? undefined : toAttribute(value)?.value;
}

/** Recursive, for DynamoDB's items are at most 32 levels deep. */
function isSame(stored: AttributeValue, expected: EventValue): boolean {
  if (expected === null) return stored.NULL === true;
  if (typeof expected === "boolean") return stored.BOOL === expected;
  if (typeof expected === "string") return stored.S === expected;
  if (expected instanceof NumberValue) return stored.N !== undefined && isSameNumber(stored.N, expected.value);
  if (Array.isArray(expected)) {
    const list = stored.L;
    return (
      list?.length === expected.length && expected.every((each, index) => isSame(list[index] as AttributeValue, each))
    );
  }
  const map = stored.M;
  if (!map || Object.keys(map).length !== expected.size) return false;
  for (const [name, value] of expected) {
    const member = Object.hasOwn(map, name) ? map[name] : undefined;
    if (!member || !isSame(member, value)) return false;
  }
  return true;
}

/** DynamoDB writes numbers in its own way. */
function isSameNumber(one: string, other: string): boolean {
  const texts = [one, other].map((text) => JSON.stringify(parseDecimal(text) satisfies Decimal));
  return texts[0] === texts[1];
}
