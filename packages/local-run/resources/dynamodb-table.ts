import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
} from "@aws-sdk/client-dynamodb";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { Block } from "@event-pipeline/terraform-json/stack-json";
import { arnOf, type ResourceType } from "./resource-type";

interface IndexBlock {
  readonly name: string;
  readonly hash_key: string;
  readonly range_key?: string;
  readonly projection_type: "ALL" | "KEYS_ONLY" | "INCLUDE";
  readonly non_key_attributes?: readonly string[];
}

interface TimeToLiveBlock {
  readonly attribute_name?: string;
  readonly enabled?: boolean;
}

/** dynalite has no UpdateTimeToLive: items keep their `expires_at`, and none expires. */
export const awsDynamodbTable: ResourceType = {
  computed: (block, location) => {
    const name = String(block.get("name"));
    return { arn: arnOf("dynamodb", `table/${name}`, location), id: name };
  },
  ignoredArguments: ["ttl", "point_in_time_recovery"],
  create: async (block, { clients, aws }) => {
    await clients.dynamodb.send(new CreateTableCommand(inputOf(block))).catch(async (error: Error) => {
      if (error.name !== "ResourceInUseException") throw error;
      await validateIndexes(block, clients.dynamodb);
    });
    const { attribute_name: attribute, enabled } = block.nested("ttl") as TimeToLiveBlock;
    if (attribute !== undefined && enabled) aws.declareTimeToLive(String(block.get("name")), attribute);
  },
};

function inputOf(block: Block): CreateTableCommandInput {
  const attributes = block.get("attribute") as { name: string; type: "S" | "N" | "B" }[];
  const indexes = indexesOf(block);
  return {
    TableName: String(block.get("name")),
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchema(String(block.get("hash_key")), block.get("range_key")),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes.map(indexInput) }),
  };
}

function indexesOf(block: Block): IndexBlock[] {
  return [block.get("global_secondary_index") ?? []].flat() as IndexBlock[];
}

function indexInput(index: IndexBlock): GlobalSecondaryIndex {
  const { name, hash_key: hashKey, range_key: rangeKey, projection_type: ProjectionType } = index;
  return {
    IndexName: name,
    KeySchema: keySchema(hashKey, rangeKey),
    Projection: {
      ProjectionType,
      ...(index.non_key_attributes && { NonKeyAttributes: [...index.non_key_attributes] }),
    },
  };
}

function keySchema(hashKey: string, rangeKey: unknown): CreateTableCommandInput["KeySchema"] {
  return [
    { AttributeName: hashKey, KeyType: "HASH" },
    ...(typeof rangeKey === "string" ? [{ AttributeName: rangeKey, KeyType: "RANGE" as const }] : []),
  ];
}

/** @throws LocalRunError when the table of an earlier run lacks an index: dynalite cannot add one. */
async function validateIndexes(block: Block, dynamodb: DynamoDBClient): Promise<void> {
  const TableName = String(block.get("name"));
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  const existing = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName);
  const missing = indexesOf(block).find(({ name }) => !existing.includes(name));
  if (!missing) return;
  throw new LocalRunError(
    `The table ${TableName} in the data folder has no index ${missing.name}, which ${block.address} declares. The local run cannot add an index: choose another --data-dir, or remove the index.`,
  );
}
