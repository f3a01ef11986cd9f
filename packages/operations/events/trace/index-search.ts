import { DescribeTableCommand, DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { type AttributeName, ID_ATTRIBUTE } from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "../../pipeline";
import { storedEvent } from "../stored-event";
import { readItems } from "./read-items";
import type { WantedId } from "./wanted-id";
import type { Ways } from "./ways";

/** Attributes of an item that an id is looked up by. */
const ID_ATTRIBUTES: readonly string[] = ["message_id", ID_ATTRIBUTE] satisfies AttributeName[];

/**
 * Asks the table's indexes that begin with an id.
 *
 * @returns their names; none when the table has no such index.
 */
export async function searchIndexes(
  pipeline: Pipeline,
  wanted: WantedId,
  { ways, maxWays }: { readonly ways: Ways; readonly maxWays: number },
): Promise<string[]> {
  const dynamodb = pipeline.client(DynamoDBClient);
  const TableName = pipeline.names.table;
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  const asked: string[] = [];
  for (const { IndexName, KeySchema = [], IndexStatus } of Table?.GlobalSecondaryIndexes ?? []) {
    const attribute = KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
    if (!IndexName || !attribute || !ID_ATTRIBUTES.includes(attribute) || IndexStatus === "CREATING") continue;
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName,
        IndexName,
        Limit: maxWays,
        KeyConditionExpression: "#id = :id",
        ExpressionAttributeNames: { "#id": attribute },
        ExpressionAttributeValues: { ":id": { S: attribute === ID_ATTRIBUTE ? wanted.keyId : wanted.id } },
      }),
    );
    asked.push(IndexName);
    // An index has the key, whatever else it has.
    await readItems(pipeline, Items.map(storedEvent), (stored) => {
      const way = ways.of(stored.message_id);
      way.publishedAt = new Date(stored.received_at);
      way.key = { event_type: stored.event_type, timestamp_id: stored.timestamp_id };
    });
  }
  return asked;
}
