import { CreateTableCommand, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

/** Creates a table with the pipeline's partition key and sort key. */
export async function createTable(dynamodb: DynamoDBClient, TableName: string): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "event_type", AttributeType: "S" },
        { AttributeName: "timestamp_id", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "event_type", KeyType: "HASH" },
        { AttributeName: "timestamp_id", KeyType: "RANGE" },
      ],
    }),
  );
}

/** @throws Error unless the table has each event exactly once and no other events. */
export async function verifyItems(
  dynamodb: DynamoDBClient,
  TableName: string,
  eventIds: readonly string[],
): Promise<void> {
  const stored: string[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName, ConsistentRead: true })) {
    for (const { timestamp_id, data } of Items) if (data) stored.push(String(timestamp_id?.S).split("#")[1] ?? "");
  }
  const found = new Set(stored);
  const missing = eventIds.filter((id) => !found.has(id));
  if (missing.length > 0 || stored.length !== eventIds.length) {
    throw new Error(
      `${TableName} has ${stored.length} items for ${eventIds.length} events; missing: ${missing.slice(0, 5).join(", ") || "none"}.`,
    );
  }
}
