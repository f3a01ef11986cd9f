import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { Block } from "@event-pipeline/terraform-json/synthesized-stack";

interface IndexBlock {
  readonly name: string;
  readonly hash_key: string;
  readonly range_key?: string;
  readonly projection_type: "ALL" | "KEYS_ONLY" | "INCLUDE";
  readonly non_key_attributes?: string[];
}

/** Creates the table of an `aws_dynamodb_table`, or updates one of an earlier run. */
export async function createTable(block: Block, dynamodb: DynamoDBClient): Promise<void> {
  await createOrVerify(block, dynamodb);
  const { attribute_name: AttributeName, enabled } = block.nested("ttl");
  if (AttributeName === undefined) return;
  const TimeToLiveSpecification = { AttributeName: String(AttributeName), Enabled: enabled === true };
  await dynamodb
    .send(new UpdateTimeToLiveCommand({ TableName: String(block.get("name")), TimeToLiveSpecification }))
    .catch((error: Error) => {
      // It is already set so.
      if (error.name !== "ValidationException") throw error;
    });
}

/**
 * Creates the table of an `aws_dynamodb_table`.
 *
 * @throws LocalRunError when the table of an earlier run lacks an index: dynalite cannot add one.
 */
async function createOrVerify(block: Block, dynamodb: DynamoDBClient): Promise<void> {
  const TableName = String(block.get("name"));
  const attributes = block.get("attribute") as { name: string; type: "S" | "N" | "B" }[];
  const indexes = [block.get("global_secondary_index") ?? []].flat() as IndexBlock[];
  const command = new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchema(String(block.get("hash_key")), block.get("range_key")),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.hash_key, index.range_key),
        Projection: { ProjectionType: index.projection_type, NonKeyAttributes: index.non_key_attributes },
      })),
    }),
  });
  try {
    await dynamodb.send(command);
  } catch (error) {
    if ((error as Error).name !== "ResourceInUseException") throw error;
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const existing = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName);
    const missing = indexes.find(({ name }) => !existing.includes(name));
    if (!missing) return;
    throw new LocalRunError(
      `The table ${TableName} in the data folder has no index ${missing.name}, which ${block.address} declares. The local run cannot add an index: choose another --data-dir, or remove the index.`,
    );
  }
}

function keySchema(hashKey: string, rangeKey: unknown): KeySchemaElement[] {
  return [
    { AttributeName: hashKey, KeyType: "HASH" },
    ...(typeof rangeKey === "string" ? [{ AttributeName: rangeKey, KeyType: "RANGE" as const }] : []),
  ];
}
