import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ATTRIBUTE_NAMES, type EventKey } from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "../../pipeline";
import { MAX_KEYS, StoredItems } from "../../table/stored-items";
import { type StoredEvent, storedEvent } from "../stored-event";

/** The events that the table has of these keys, read consistently. */
export async function readItems(
  pipeline: Pipeline,
  keys: readonly EventKey[],
  onEvent: (event: StoredEvent) => void,
): Promise<void> {
  const items = new StoredItems(pipeline.client(DynamoDBClient), pipeline.names.table, ATTRIBUTE_NAMES);
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    const found = await items.get(keys.slice(start, start + MAX_KEYS));
    for (const item of found.values()) onEvent(storedEvent(item));
  }
}
