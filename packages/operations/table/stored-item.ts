import { type AttributeValue, BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ATTRIBUTE_NAMES, type EventKey, PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import { OperationError } from "../errors";
import type { Pipeline } from "../pipeline";
import { attributeJson } from "./attribute-json";

export type StoredItem = Readonly<Record<string, AttributeValue>>;

/**
 * Reads an item with all its attributes, including those that the pipeline does not know. BatchGetItem is the only action
 * for this that the policies of docs/permissions.md allow.
 *
 * @returns undefined if the table does not have the item.
 * @throws OperationError when DynamoDB throttles the read.
 */
export async function readItem(pipeline: Pipeline, key: EventKey): Promise<StoredItem | undefined> {
  const { table } = pipeline.names;
  const Keys = [{ [PARTITION_KEY]: { S: key[PARTITION_KEY] }, [SORT_KEY]: { S: key[SORT_KEY] } }];
  const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } });
  const { Responses, UnprocessedKeys } = await pipeline.client(DynamoDBClient).send(command);
  if (UnprocessedKeys?.[table])
    throw new OperationError(`DynamoDB throttles reads of table ${table}. Try again later.`);
  return Responses?.[table]?.[0];
}

/** Returns an item as JSON, with the known attributes first and every digit of its numbers. */
export function itemJson(item: StoredItem): string {
  const names = [...new Set([...ATTRIBUTE_NAMES, ...Object.keys(item).sort()])];
  return attributeJson({ M: Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : []))) });
}
