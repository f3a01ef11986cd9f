import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { DYNAMODB } from "../../supported-actions";
import { testSupportedActions } from "../supported-actions";

const TableName = "served";
const ResourceArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`;

let run: LocalRun;
let dynamodb: DynamoDBClient;

async function createTable(name: string): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName: name });
}

beforeAll(async () => {
  run = await LocalRun.start();
  dynamodb = run.clients.dynamodb;
  await createTable(TableName);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

const key = (id: string) => ({ id: { S: id } });
const put = (id: string) => dynamodb.send(new PutItemCommand({ TableName, Item: { ...key(id), n: { N: "1" } } }));
const get = async (id: string) => (await dynamodb.send(new GetItemCommand({ TableName, Key: key(id) }))).Item;

async function tags() {
  return (await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags;
}

testSupportedActions(DYNAMODB, {
  BatchGetItem: async () => {
    await put("batch-get");
    const { Responses } = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key("batch-get"), key("absent")] } } }),
    );
    expect(Responses?.[TableName]).toEqual([{ ...key("batch-get"), n: { N: "1" } }]);
  },
  BatchWriteItem: async () => {
    const RequestItems = { [TableName]: [{ PutRequest: { Item: key("batch-put") } }] };
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
    expect(await get("batch-put")).toEqual(key("batch-put"));
  },
  CreateTable: async () => {
    await createTable("made");
    expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toContain("made");
  },
  DeleteItem: async () => {
    await put("deleted");
    await dynamodb.send(new DeleteItemCommand({ TableName, Key: key("deleted") }));
    expect(await get("deleted")).toBeUndefined();
  },
  DeleteTable: async () => {
    await createTable("gone");
    await dynamodb.send(new DeleteTableCommand({ TableName: "gone" }));
    await waitUntilTableNotExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName: "gone" });
  },
  DescribeTable: async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: "local-events" }));
    expect(Table).toMatchObject({ TableStatus: "ACTIVE", KeySchema: [{ AttributeName: "event_type" }, {}] });
  },
  DescribeTimeToLive: async () => {
    const described = async (name: string) =>
      (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: name }))).TimeToLiveDescription;
    expect(await described("local-events")).toEqual({ AttributeName: "expires_at", TimeToLiveStatus: "ENABLED" });
    expect(await described(TableName)).toEqual({ TimeToLiveStatus: "DISABLED" });
    await expect(described("absent")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  },
  GetItem: async () => {
    await put("got");
    expect(await get("got")).toEqual({ ...key("got"), n: { N: "1" } });
  },
  ListTables: async () => {
    const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
    expect(TableNames).toEqual(expect.arrayContaining(["local-events", TableName]));
  },
  ListTagsOfResource: async () => expect(await tags()).toEqual([]),
  PutItem: async () => {
    await put("put");
    const again = new PutItemCommand({
      TableName,
      Item: key("put"),
      ConditionExpression: "attribute_not_exists(id)",
    });
    await expect(dynamodb.send(again)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
  },
  Query: async () => {
    await put("queried");
    const { Items } = await dynamodb.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "id = :id",
        ExpressionAttributeValues: { ":id": { S: "queried" } },
      }),
    );
    expect(Items).toHaveLength(1);
  },
  Scan: async () => {
    await put("scanned");
    const { Items } = await dynamodb.send(new ScanCommand({ TableName }));
    expect(Items).toContainEqual({ ...key("scanned"), n: { N: "1" } });
  },
  TagResource: async () => {
    await dynamodb.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "a", Value: "b" }] }));
    expect(await tags()).toEqual([{ Key: "a", Value: "b" }]);
  },
  UntagResource: async () => {
    await dynamodb.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["a"] }));
    expect(await tags()).toEqual([]);
  },
  UpdateItem: async () => {
    await put("updated");
    const update = { UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": { N: "1" } } };
    await dynamodb.send(new UpdateItemCommand({ TableName, Key: key("updated"), ...update }));
    expect(await get("updated")).toMatchObject({ n: { N: "2" } });
  },
  UpdateTable: async () => {
    const ProvisionedThroughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 2 };
    await dynamodb.send(new UpdateTableCommand({ TableName, BillingMode: "PROVISIONED", ProvisionedThroughput }));
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    expect(Table?.ProvisionedThroughput).toMatchObject(ProvisionedThroughput);
  },
});

test("accepts unsupported parameters with values that have no effect", async () => {
  const nothing = {
    TableName: "plain",
    DeletionProtectionEnabled: false,
    StreamSpecification: { StreamEnabled: false },
    SSESpecification: { Enabled: false },
    TableClass: "STANDARD",
  };
  await dynamodb.send(createTableWith(nothing));
  expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toContain("plain");
});

test.each([
  ["CreateTable", "DeletionProtectionEnabled", (on: unknown) => createTableWith({ DeletionProtectionEnabled: on })],
  ["CreateTable", "StreamSpecification", () => createTableWith({ StreamSpecification: { StreamEnabled: true } })],
  [
    "UpdateTable",
    "DeletionProtectionEnabled",
    () => new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }),
  ],
] as const)("rejects %s with %s, which the local run would ignore", async (action, member, command) => {
  const response = await dynamodb.send(command(true) as UpdateTableCommand).catch((error: unknown) => error);
  expect(response).toMatchObject({ $metadata: { httpStatusCode: 501 } });
  expect((response as Error).message).toContain(`does not support ${action} with ${member}`);
});

function createTableWith(more: object) {
  return new CreateTableCommand({
    TableName: "protected",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    ...more,
  });
}
