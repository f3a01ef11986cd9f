import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  ATTRIBUTE_NAMES,
  type AttributesExceptData,
  type EventKey,
  ITEM_ATTRIBUTES,
  SHOWN_ATTRIBUTES,
  type WireItem,
} from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "../pipeline";
import { attributeJson } from "./attribute-json";
import { storedText } from "./compare-data";
import { EventTableReader } from "./events-table";

/** An event in the table, with the attributes that are shown. */
export interface StoredEvent extends Omit<AttributesExceptData, "data_encoding"> {
  /** The event as JSON, with every digit: the published text, or the stored map with members in DynamoDB's order. */
  readonly data: string;
  /** The attributes of another writer that `ITEM_ATTRIBUTES` does not have: their values as JSON. */
  readonly others?: readonly (readonly [name: string, json: string])[];
}

/** Reads events from the table by their keys. Events that do not exist are left out. */
export async function readEvents(
  pipeline: Pipeline,
  keys: readonly EventKey[],
  signal?: AbortSignal,
): Promise<StoredEvent[]> {
  const items = await EventTableReader.of(pipeline).get(keys, ATTRIBUTE_NAMES, signal);
  return [...items.values()].map(storedEvent);
}

/** Converts an item from the table to an event. */
export function storedEvent(item: WireItem): StoredEvent {
  const { data = { NULL: true }, data_encoding: encoding } = item;
  const entries = SHOWN_ATTRIBUTES.flatMap((name): [string, string | number | object][] => {
    const { type } = ITEM_ATTRIBUTES[name];
    // Damaged data is shown as null. `reconcile --compare-data` reports it.
    if (type === "event") return [[name, encoding ? (storedText(data) ?? "null") : attributeJson(data)]];
    const value = item[name];
    if (type === "M") return value?.M ? [[name, textsOf(value.M)]] : [];
    const text = value?.[type];
    // Items of another writer may lack any attribute except the key.
    return text === undefined ? [] : [[name, type === "N" ? Number(text) : text]];
  });
  const others = Object.entries(item)
    .filter(([name]) => !Object.hasOwn(ITEM_ATTRIBUTES, name))
    .map(([name, value]) => [name, attributeJson(value)] as const);
  return { ...Object.fromEntries(entries), ...(others.length > 0 && { others }) } as unknown as StoredEvent;
}

/** Returns the values of a map of strings by name. */
function textsOf(map: Readonly<Record<string, AttributeValue>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([name, { S = "" }]) => [name, S]));
}

/** Returns an event as the JSON object that `--json` prints. */
export function storedEventJson({ data, others = [], ...attributes }: StoredEvent): string {
  const members = [["data", data] as const, ...others].map(([name, json]) => `,${JSON.stringify(name)}:${json}`);
  return `${JSON.stringify(attributes).slice(0, -1)}${members.join("")}}`;
}
