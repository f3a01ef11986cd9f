import { gunzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { EventKey } from "@event-pipeline/event-model/item/attributes";

/** An item of the events table as DynamoDB sends it, without loss. */
export type WireItem = Readonly<Record<string, AttributeValue>>;

/** An event as the table has it. */
export interface StoredEvent extends EventKey {
  readonly event_id: string;
  readonly message_id: string;
  readonly received_at: string;
  /** Epoch seconds; absent when the item never expires. */
  readonly expires_at?: number;
  /** JSON, with every digit: as published where the item has the text, else in DynamoDB's order of members. */
  readonly data: string;
}

export function storedEvent(item: WireItem): StoredEvent {
  const text = (name: string) => String(item[name]?.S);
  const { expires_at: expiresAt, data = { NULL: true } } = item;
  return {
    event_type: text("event_type"),
    timestamp_id: text("timestamp_id"),
    event_id: text("event_id"),
    message_id: text("message_id"),
    received_at: text("received_at"),
    ...(expiresAt?.N !== undefined && { expires_at: Number(expiresAt.N) }),
    data: item.data_encoding ? textOf(data) : jsonOf(data),
  };
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
