import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SteppedClock } from "../../clock";
import { Dynamodb } from "../../dynamodb/dynamodb";
import type { Host } from "../../host";
import { Iam } from "../../iam/iam";
import { Kms } from "../../kms/kms";
import type { DynamodbItem } from "../../observer";
import { FolderStorage } from "../../storage/storage";

const DAY_MS = 86_400_000;

function rethrow(error: unknown): never {
  throw error;
}

async function open(folder: string, clock: SteppedClock) {
  const storage = FolderStorage.open(folder, rethrow);
  const delivery = { shuffled: false, seed: 0 };
  const host: Host = { endpoint: "", region: "us-east-1", clock, storage, observer: {}, delivery };
  const dynamodb = await Dynamodb.open(host, join(folder, "dynamodb"), rethrow);
  const close = async () => {
    await dynamodb.close();
    storage.close();
  };
  return { dynamodb, iam: new Iam(host), kms: new Kms(host), close };
}

test("tables, their time to live, roles and keys survive a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "restart-"));
  const clock = new SteppedClock();
  const first = await open(folder, clock);
  const run = (action: string, request: object) => first.dynamodb.run(action, { TableName: "tab", ...request });
  await run("CreateTable", {
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  });
  while (!JSON.stringify(await run("DescribeTable", {})).includes('"TableStatus":"ACTIVE"'));
  first.dynamodb.timeToLive.enable("tab", "at");
  const at = { N: String(Math.floor((clock.now() + DAY_MS) / 1_000)) };
  for (const item of [{ id: { S: "expires" }, at }, { id: { S: "stays" } }]) await run("PutItem", { Item: item });
  const role = { name: "r", path: "/", trustPolicy: "{}", maxSessionSeconds: 3_600, tags: [] };
  const created = first.iam.create(role);
  first.iam.setPolicies(created, { p: "{}" });
  const key = first.kms.put("key-1", "a key");
  await first.close();

  const second = await open(folder, clock);
  expect([second.iam.role("r").policies, second.kms.key(key.id)]).toEqual([{ p: "{}" }, key]);
  const ids = async () => {
    const { Items } = (await second.dynamodb.run("Scan", { TableName: "tab" })) as { Items: { id: { S: string } }[] };
    return Items.map(({ id }) => id.S).sort();
  };
  expect(await ids()).toEqual(["expires", "stays"]);
  await clock.advance(2 * DAY_MS);
  while ((await ids()).length > 1);
  expect(await ids()).toEqual(["stays"]);
  await second.close();
});

test.each([
  ["CREATING", ["ACTIVE", 1]],
  ["UPDATING", ["ACTIVE", 1]],
  ["DELETING", ["ACTIVE", 0]],
])(
  "a table that a killed run left in the state %s can be used again",
  async (TableStatus, expected) => {
    const folder = mkdtempSync(join(tmpdir(), "restart-"));
    const table = {
      TableName: "tab",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    };
    const first = await open(folder, new SteppedClock());
    await first.dynamodb.run("CreateTable", table);
    const describe = async ({ dynamodb }: typeof first) =>
      ((await dynamodb.run("DescribeTable", { TableName: "tab" })) as { Table: DynamodbItem }).Table;
    while (String((await describe(first)).TableStatus) !== "ACTIVE");
    await first.dynamodb.run("PutItem", { TableName: "tab", Item: { id: { S: "a" } } } as object);
    const value = { ...(await describe(first)), TableStatus } as unknown as DynamodbItem;
    await new Promise((done) => first.dynamodb.store.db.batch([{ type: "put", key: "table~tab", value }], done));
    await first.close();

    const second = await open(folder, new SteppedClock());
    if (TableStatus === "DELETING") await second.dynamodb.run("CreateTable", table);
    while (String((await describe(second)).TableStatus) !== "ACTIVE");
    const { Count } = (await second.dynamodb.run("Scan", { TableName: "tab" })) as { Count: number };
    expect([(await describe(second)).TableStatus, Count]).toEqual(expected);
    await second.close();
  },
  10_000,
);
