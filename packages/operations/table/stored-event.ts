import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  ATTRIBUTE_NAMES,
  type EventKey,
  ITEM_ATTRIBUTES,
  type ItemFields,
  SHOWN_ATTRIBUTES,
  type WireItem,
} from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "../pipeline";
import { storedText } from "./compare-data";
import { EventsTable } from "./events-table";

/** An event of the table: the attributes that are shown. */
export interface StoredEvent extends Omit<ItemFields, "data_encoding"> {
  /** JSON with every digit: the published text if the item has it, otherwise members in DynamoDB's order. */
  readonly data: string;
}

/** Reads the events that the table has for some keys. */
export async function readEvents(pipeline: Pipeline, keys: readonly EventKey[]): Promise<StoredEvent[]> {
  const items = await EventsTable.of(pipeline).get(keys, ATTRIBUTE_NAMES);
  return [...items.values()].map(storedEvent);
}

/** Converts an item of the table. */
export function storedEvent(item: WireItem): StoredEvent {
  const { data = { NULL: true }, data_encoding: encoding } = item;
  const entries = SHOWN_ATTRIBUTES.flatMap((name): [string, string | number][] => {
    const { type, optional } = ITEM_ATTRIBUTES[name];
    // `reconcile --compare-data` reports damaged data.
    if (type === "event") return [[name, encoding ? (storedText(data) ?? "null") : jsonOf(data)]];
    const text = item[name]?.[type];
    if (text === undefined && optional) return [];
    return [[name, type === "N" ? Number(text) : String(text)]];
  });
  return Object.fromEntries(entries) as unknown as StoredEvent;
}

/** Returns the event as one JSON object, as `--json` prints it. */
export function storedEventJson({ data, ...others }: StoredEvent): string {
  return `${JSON.stringify(others).slice(0, -1)},"data":${data}}`;
}

/** Keeps the digits of numbers. Recursion is safe: DynamoDB's items have at most 32 levels. */
function jsonOf(value: AttributeValue): string {
  if (value.S !== undefined) return JSON.stringify(value.S);
  if (value.N !== undefined) return value.N;
  if (value.BOOL !== undefined) return String(value.BOOL);
  if (value.L !== undefined) return `[${value.L.map(jsonOf).join(",")}]`;
  if (value.M !== undefined) {
    const members = Object.entries(value.M).map(([name, member]) => `${JSON.stringify(name)}:${jsonOf(member)}`);
    return `{${members.join(",")}}`;
  }
  return "null";
}
