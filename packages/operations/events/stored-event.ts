import { gunzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  ITEM_ATTRIBUTES,
  type ItemFields,
  SHOWN_ATTRIBUTES,
  type WireItem,
} from "@event-pipeline/event-model/item/attributes";

/** An event as the table has it: the attributes that are shown. */
export interface StoredEvent extends Omit<ItemFields, "data_encoding"> {
  /** JSON, with every digit: as published where the item has the text, else in DynamoDB's order of members. */
  readonly data: string;
}

export function storedEvent(item: WireItem): StoredEvent {
  const { data = { NULL: true } } = item;
  const entries = SHOWN_ATTRIBUTES.flatMap((name): [string, string | number][] => {
    const { type, optional } = ITEM_ATTRIBUTES[name];
    if (type === "event") return [[name, item.data_encoding ? textOf(data) : jsonOf(data)]];
    const text = item[name]?.[type];
    if (text === undefined && optional) return [];
    return [[name, type === "N" ? Number(text) : String(text)]];
  });
  return Object.fromEntries(entries) as unknown as StoredEvent;
}

/** One JSON object, for `--json` and for programs. */
export function storedEventJson({ data, ...others }: StoredEvent): string {
  return `${JSON.stringify(others).slice(0, -1)},"data":${data}}`;
}

function textOf({ S, B }: AttributeValue): string {
  if (S !== undefined) return S;
  try {
    return gunzipSync(B ?? new Uint8Array()).toString();
  } catch {
    return "null"; // Damaged: reconcile --compare-data tells.
  }
}

/** Numbers keep DynamoDB's digits, which JSON takes as they are. At most 32 levels deep. */
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
