import { CreateTableCommand, type CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { Block } from "../terraform/stack-json";
import { arnOf, type ResourceType } from "./resource-type";

/** dynalite has no UpdateTimeToLive: `expires_at` is stored, but nothing expires here. */
export const awsDynamodbTable: ResourceType = {
  computed: (block, around) => {
    const name = String(block.get("name"));
    return { arn: arnOf("dynamodb", `table/${name}`, around), id: name };
  },
  create: async (block, { clients }) => {
    await clients.dynamodb.send(new CreateTableCommand(inputOf(block))).catch((error: Error) => {
      if (error.name !== "ResourceInUseException") throw error;
    });
  },
};

function inputOf(block: Block): CreateTableCommandInput {
  const rangeKey = block.get("range_key");
  const attributes = block.get("attribute") as { name: string; type: "S" | "N" | "B" }[];
  return {
    TableName: String(block.get("name")),
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: [
      { AttributeName: String(block.get("hash_key")), KeyType: "HASH" },
      ...(typeof rangeKey === "string" ? [{ AttributeName: rangeKey, KeyType: "RANGE" as const }] : []),
    ],
  };
}
