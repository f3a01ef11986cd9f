import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TagResourceCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UntagResourceCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { SteppedClock } from "../../clock";
import { Dynamodb } from "../../dynamodb/dynamodb";
import { DYNAMODB } from "../../dynamodb/service";
import type { Host } from "../../host";
import type { DynamodbItem } from "../../observer";
import { MemoryStorage } from "../../storage/storage";
import { type Services, startServices } from "../start-services";
import { testSupportedActions } from "../supported-actions";

const TableName = "served";
const ResourceArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`;

let services: Services;
let state: Dynamodb;
let dynamodb: DynamoDBClient;
const clock = new SteppedClock();
const stored: [table: string, item: DynamodbItem][] = [];

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
  const storage = new MemoryStorage();
  const observer: Host["observer"] = { stored: (item, table) => stored.push([table, item]) };
  const delivery = { shuffled: false, seed: 0 };
  const host: Host = { endpoint: "", region: "us-east-1", clock, storage, observer, delivery };
  state = await Dynamodb.open(host, undefined, (error) => {
    throw error;
  });
  services = await startServices(() => [{ definition: DYNAMODB, state }], { clock, storage });
  dynamodb = new DynamoDBClient({ ...services.config, maxAttempts: 1 });
  await createTable(TableName);
});

afterAll(async () => {
  dynamodb.destroy();
  await services.stop();
  await state.close();
});

const key = (id: string) => ({ id: { S: id } });
const put = (id: string) => dynamodb.send(new PutItemCommand({ TableName, Item: { ...key(id), n: { N: "1" } } }));
const get = async (id: string) => (await dynamodb.send(new GetItemCommand({ TableName, Key: key(id) }))).Item;

async function timeToLive(name: string) {
  return (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: name }))).TimeToLiveDescription;
}

async function expire(name: string, Enabled: boolean, AttributeName = "expires_at") {
  const TimeToLiveSpecification = { AttributeName, Enabled };
  return dynamodb.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
}

const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
  dynamodb.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));

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
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const KeySchema = [{ AttributeName: "id", KeyType: "HASH" as const }];
    const WarmThroughput = { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: "ACTIVE" };
    expect(Table).toMatchObject({ TableStatus: "ACTIVE", KeySchema, WarmThroughput });
    expect(Table?.DeletionProtectionEnabled).toBe(false);
    const index = { IndexName: "by-id", KeySchema, Projection: { ProjectionType: "ALL" } } as const;
    const { TableDescription } = await dynamodb.send(
      createTableWith({ TableName: "indexed", GlobalSecondaryIndexes: [index] }),
    );
    expect(TableDescription?.GlobalSecondaryIndexes).toMatchObject([{ IndexName: "by-id", WarmThroughput }]);
  },
  DescribeTimeToLive: async () => {
    expect(await timeToLive(TableName)).toEqual({ TimeToLiveStatus: "DISABLED" });
    await expect(timeToLive("absent")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  },
  GetItem: async () => {
    await put("got");
    expect(await get("got")).toEqual({ ...key("got"), n: { N: "1" } });
  },
  ListTables: async () => {
    const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
    expect(TableNames).toEqual(expect.arrayContaining([TableName]));
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
  TransactGetItems: async () => {
    await put("transact-get");
    const Gets = ["transact-get", "absent"].map((id) => ({
      Get: { TableName, Key: key(id), ProjectionExpression: "id" },
    }));
    const { Responses } = await dynamodb.send(new TransactGetItemsCommand({ TransactItems: Gets }));
    expect(Responses).toEqual([{ Item: key("transact-get") }, {}]);
  },
  TransactWriteItems: async () => {
    await put("transact-delete");
    await put("transact-update");
    const update = { UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": { N: "1" } } };
    await transact([
      { Put: { TableName, Item: key("transact-put") } },
      { Delete: { TableName, Key: key("transact-delete") } },
      { Update: { TableName, Key: key("transact-update"), ...update } },
      { ConditionCheck: { TableName, Key: key("absent"), ConditionExpression: "attribute_not_exists(id)" } },
    ]);
    expect(await Promise.all(["put", "delete", "update"].map((kind) => get(`transact-${kind}`)))).toEqual([
      key("transact-put"),
      undefined,
      { ...key("transact-update"), n: { N: "2" } },
    ]);
    expect(stored.at(-1)).toEqual([TableName, key("transact-put")]);
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
  UpdateTimeToLive: async () => {
    await createTable("expiring");
    await expire("expiring", true);
    expect(await timeToLive("expiring")).toEqual({ AttributeName: "expires_at", TimeToLiveStatus: "ENABLED" });
    await expect(expire("expiring", true)).rejects.toThrow("TimeToLive is already enabled");
    await expect(expire("expiring", false, "other")).rejects.toThrow("active on a different AttributeName");
    await expire("expiring", false);
    expect(await timeToLive("expiring")).toEqual({ TimeToLiveStatus: "DISABLED" });
    await expect(expire("absent", true)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(expire("expiring", true, "")).rejects.toMatchObject({ name: "ValidationException" });
  },
  UpdateTable: async () => {
    const ProvisionedThroughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 2 };
    await dynamodb.send(new UpdateTableCommand({ TableName, BillingMode: "PROVISIONED", ProvisionedThroughput }));
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    expect(Table?.ProvisionedThroughput).toMatchObject(ProvisionedThroughput);
    expect(Table?.WarmThroughput).toMatchObject({ ReadUnitsPerSecond: 1, WriteUnitsPerSecond: 2 });
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
  expect((response as Error).message).toContain(`does not support DynamoDB ${action} with ${member}`);
});

const indexUpdate = (update: object) => ({ TableName, GlobalSecondaryIndexUpdates: [update] });
const metrics = { TableName, ReturnItemCollectionMetrics: "SIZE" };
const newIndex = {
  IndexName: "new",
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  Projection: { ProjectionType: "ALL" },
  ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
};
const arnOnly = { TableName: ResourceArn, Key: { id: { S: "a" } } };

test.each([
  ["UpdateTable", "GlobalSecondaryIndexUpdates.Create", indexUpdate({ Create: newIndex })],
  ["UpdateTable", "GlobalSecondaryIndexUpdates.Delete", indexUpdate({ Delete: { IndexName: "old" } })],
  ["PutItem", "ReturnItemCollectionMetrics", { ...metrics, Item: { id: { S: "a" } } }],
  ["UpdateItem", "ReturnItemCollectionMetrics", { ...metrics, Key: { id: { S: "a" } } }],
  ["DeleteItem", "ReturnItemCollectionMetrics", { ...metrics, Key: { id: { S: "a" } } }],
  ["BatchWriteItem", "ReturnItemCollectionMetrics", { ReturnItemCollectionMetrics: "SIZE", RequestItems: {} }],
  ["GetItem", "an ARN as TableName", arnOnly],
  ["TransactWriteItems", "an ARN as TableName", { TransactItems: [{ Delete: arnOnly }] }],
  ["BatchGetItem", "an ARN as RequestItems", { RequestItems: { [ResourceArn]: { Keys: [] } } }],
  ["DescribeTimeToLive", "an ARN as TableName", { TableName: ResourceArn }],
])("%s with %s is not supported", async (action, what, request) => {
  const { status, text } = await post(action, request);
  expect([status, text]).toEqual([501, expect.stringContaining(`DynamoDB ${action} with ${what}`)]);
});

test.each([
  [36, 100, undefined],
  [37, 100, "clientRequestToken"],
  [36, 101, "The operator IN has 101 values"],
])("with a token of %d characters, and IN with %d values: %s", async (length, values, message) => {
  const names = Array.from({ length: values }, (_, index) => `:v${index}`);
  const write = transact(
    [
      {
        ConditionCheck: {
          TableName,
          Key: key("absent"),
          ConditionExpression: `attribute_not_exists(id) OR n IN (${names.join()})`,
          ExpressionAttributeValues: Object.fromEntries(names.map((name) => [name, { N: "1" }])),
        },
      },
    ],
    String(values).padEnd(length, "t"),
  );
  if (message === undefined) await write;
  else
    await expect(write).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
});

test.each([
  [12, undefined],
  [13, "ValidationException"],
])("a transaction of %d items of 340 KB: %s", async (count, name) => {
  const items = Array.from({ length: count }, (_, index) => ({
    ...key(`large-${index}`),
    x: { S: "x".repeat(340_000) },
  }));
  const write = transact(items.map((Item) => ({ Put: { TableName, Item } })));
  const error = await write.then(
    () => undefined,
    (cause: Error) => cause,
  );
  expect(error?.name).toBe(name);
  for (const { id } of items) await dynamodb.send(new DeleteItemCommand({ TableName, Key: { id } }));
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

test("deletes items after their time to live, by the clock, and only these", async () => {
  await createTable("expired");
  await expire("expired", true);
  const DAY = 86_400;
  const now = Math.floor(clock.now() / 1_000);
  const times = { soon: { N: String(now + DAY) }, later: { N: String(now + 30 * DAY) }, text: { S: String(now) } };
  const old = { N: String(now - 6 * 365 * DAY) };
  const items = Object.entries({ ...times, old }).map(([id, expires_at]) => ({ ...key(id), expires_at }));
  for (const Item of [...items, key("forever")])
    await dynamodb.send(new PutItemCommand({ TableName: "expired", Item }));
  const ids = async () => {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: "expired" }));
    return Items.map(({ id }) => id?.S).sort();
  };
  await clock.advance(3_600_000);
  expect(await ids()).toEqual(["forever", "later", "old", "soon", "text"]);
  await clock.advance(14 * DAY * 1_000);
  while ((await ids()).includes("soon"));
  expect(await ids()).toEqual(["forever", "later", "old", "text"]);
});

test.each([
  ["PutItem", () => new PutItemCommand({ ...CONDITION, Item: key("old") })],
  ["DeleteItem", () => new DeleteItemCommand({ ...CONDITION, Key: key("old") })],
  ["UpdateItem", () => new UpdateItemCommand({ ...CONDITION, Key: key("old") })],
] as const)("%s returns the old item with the error of its condition, if asked for", async (_action, command) => {
  await put("old");
  const failed = { name: "ConditionalCheckFailedException", message: "The conditional request failed" };
  await expect(dynamodb.send(command() as PutItemCommand)).rejects.toMatchObject({
    ...failed,
    Item: { ...key("old"), n: { N: "1" } },
  });
  const plain = command() as PutItemCommand;
  Object.assign(plain.input, { ReturnValuesOnConditionCheckFailure: "NONE" });
  await expect(dynamodb.send(plain)).rejects.toMatchObject({ ...failed, Item: undefined });
});

const CONDITION = {
  TableName,
  ConditionExpression: "attribute_not_exists(id)",
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
} as const;

test("a transaction whose condition fails writes nothing, and says why", async () => {
  await put("kept");
  const failing = transact([
    { Put: { TableName, Item: key("not-put") } },
    { Delete: { Key: key("kept"), ...CONDITION } },
    { Update: { TableName, Key: key("kept-too"), UpdateExpression: "SET a = b" } },
  ]);
  await expect(failing).rejects.toMatchObject({
    name: "TransactionCanceledException",
    message: expect.stringContaining("[None, ConditionalCheckFailed, ValidationError]"),
    CancellationReasons: [
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Item: { ...key("kept"), n: { N: "1" } } },
      { Code: "ValidationError" },
    ],
  });
  expect([await get("not-put"), (await get("kept"))?.n]).toEqual([undefined, { N: "1" }]);
});

test("transactions and other writes at the same time are atomic", async () => {
  for (const id of ["account-a", "account-b"]) await put(id);
  const add = (id: string, n: number) => ({
    TableName,
    Key: key(id),
    UpdateExpression: "ADD n :n",
    ExpressionAttributeValues: { ":n": { N: String(n) } },
  });
  const moves = Array.from({ length: 50 }, (_, index) => {
    const [from, to] = index % 2 ? ["account-a", "account-b"] : ["account-b", "account-a"];
    return transact([{ Update: add(String(from), -index) }, { Update: add(String(to), index) }]);
  });
  const plain = Array.from({ length: 50 }, () => dynamodb.send(new UpdateItemCommand(add("account-a", 1))));
  const reads = Array.from({ length: 50 }, async () => {
    const Gets = ["account-a", "account-b"].map((id) => ({ Get: { TableName, Key: key(id) } }));
    const { Responses = [] } = await dynamodb.send(new TransactGetItemsCommand({ TransactItems: Gets }));
    return Responses.reduce((sum, { Item }) => sum + Number(Item?.n?.N), 0);
  });
  const sums = await Promise.all(reads);
  await Promise.all([...moves, ...plain]);
  expect(sums.every((sum) => sum >= 2 && sum <= 52)).toBe(true);
  const [a, b] = await Promise.all([get("account-a"), get("account-b")]);
  expect(Number(a?.n?.N) + Number(b?.n?.N)).toBe(52);
  expect(Number(b?.n?.N)).toBe(1 + 25 * 25 - 24 * 25);
});

test("a transaction with the token of an earlier one takes no effect again", async () => {
  await put("token");
  const add = { UpdateExpression: "ADD n :n", ExpressionAttributeValues: { ":n": { N: "1" } } };
  const once = () => transact([{ Update: { TableName, Key: key("token"), ...add } }], "a-token");
  await Promise.all([once(), once()]);
  await once();
  expect((await get("token"))?.n).toEqual({ N: "2" });
  const other = transact([{ Delete: { TableName, Key: key("token") } }], "a-token");
  await expect(other).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
  await clock.advance(600_000);
  await once();
  expect((await get("token"))?.n).toEqual({ N: "3" });
});

test.each([
  ["no items", [], "ValidationException"],
  [
    "101 items",
    Array.from({ length: 101 }, (_, index) => ({ Put: { TableName, Item: key(`${index}`) } })),
    "ValidationException",
  ],
  [
    "one item twice",
    [{ Put: { TableName, Item: key("a") } }, { Delete: { TableName, Key: key("a") } }],
    "ValidationException",
  ],
  [
    "two writes in one item",
    [{ Put: { TableName, Item: key("a") }, Delete: { TableName, Key: key("a") } }],
    "ValidationException",
  ],
  ["an absent table", [{ Put: { TableName: "absent", Item: key("a") } }], "ResourceNotFoundException"],
  ["a missing key", [{ Put: { TableName, Item: { a: { S: "b" } } } }], "ValidationException"],
] as const)("rejects a transaction with %s", async (_what, items, name) => {
  await expect(transact([...items])).rejects.toMatchObject({ name });
  expect(await get("a")).toBeUndefined();
});

test.each([
  [32, undefined],
  [33, "ValidationException"],
])("with a value of %d levels: %s", async (levels, name) => {
  let value: AttributeValue = { S: "deep" };
  for (let level = 0; level < levels; level++) value = level % 2 ? { L: [value] } : { M: { M: value } };
  const put = dynamodb.send(new PutItemCommand({ TableName, Item: { ...key("deep"), value } }));
  const error = await put.then(
    () => undefined,
    (cause: Error) => cause,
  );
  expect(error?.name).toBe(name);
  if (error) expect(error.message).toContain("Nesting Levels have exceeded supported limits");
});

test.each([
  [
    "a nested parameter that dynalite ignores",
    "CreateTable",
    {
      ...createTableWith({}).input,
      GlobalSecondaryIndexes: [
        {
          IndexName: "abc",
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
          WarmThroughput: { ReadUnitsPerSecond: 1 },
        },
      ],
    },
    501,
    "GlobalSecondaryIndexes.WarmThroughput",
  ],
  ["null", "PutItem", { TableName, Item: { id: null } }, 400, "id must not be null"],
  ["a list", "PutItem", [], 400, "must be a JSON object"],
  ["text", "PutItem", '"a"', 400, "must be a JSON object"],
  ["an action that is not supported", "ExportTableToPointInTime", {}, 501, "DynamoDB ExportTableToPointInTime"],
  [
    "a number that is none",
    "UpdateItem",
    { TableName, Key: key("x"), AttributeUpdates: { a: { Action: "ADD", Value: { N: "x" } } } },
    400,
    "cannot be converted to a numeric value",
  ],
])("rejects %s", async (_what, action, body, status, message) => {
  const { status: returned, text } = await post(action, body);
  expect([returned, text]).toEqual([status, expect.stringContaining(message)]);
});

async function post(action: string, body: unknown) {
  const response = await fetch(services.endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `DynamoDB_20120810.${action}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}
