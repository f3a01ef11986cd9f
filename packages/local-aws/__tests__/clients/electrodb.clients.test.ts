import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Entity } from "electrodb";
import { CREDENTIALS } from "../../account";
import { type LocalAws, startLocalAws } from "../../local-aws";

const TABLE = "electro";

let aws: LocalAws;
let client: DynamoDBClient;

beforeAll(async () => {
  aws = await startLocalAws();
  client = new DynamoDBClient({ endpoint: aws.endpoint, region: aws.region, credentials: CREDENTIALS });
  const key = (HashKey: string, RangeKey: string) => [
    { AttributeName: HashKey, KeyType: "HASH" as const },
    { AttributeName: RangeKey, KeyType: "RANGE" as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "gsi1pk", "gsi1sk"].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      KeySchema: key("pk", "sk"),
      GlobalSecondaryIndexes: [
        { IndexName: "gsi1", KeySchema: key("gsi1pk", "gsi1sk"), Projection: { ProjectionType: "ALL" } },
      ],
    }),
  );
});

afterAll(async () => {
  client.destroy();
  await aws.stop();
});

test("electrodb writes, reads, queries an index, updates with conditions, batches and transacts", async () => {
  const orders = new Entity(
    {
      model: { entity: "order", version: "1", service: "shop" },
      attributes: {
        customer: { type: "string", required: true },
        order: { type: "string", required: true },
        state: { type: ["new", "paid"] as const, default: "new" },
        total: { type: "number", default: 0 },
        tags: { type: "set", items: "string" },
      },
      indexes: {
        byCustomer: { pk: { field: "pk", composite: ["customer"] }, sk: { field: "sk", composite: ["order"] } },
        byState: {
          index: "gsi1",
          pk: { field: "gsi1pk", composite: ["state"] },
          sk: { field: "gsi1sk", composite: ["customer", "order"] },
        },
      },
    } as const,
    { client, table: TABLE },
  );
  const first = { customer: "ann", order: "1" };
  await orders.create({ ...first, total: 3, tags: ["gift"] }).go();
  await expect(orders.create({ ...first, total: 4 }).go()).rejects.toThrow(/conditional request failed/);
  const { unprocessed } = await orders.put(["2", "3", "4"].map((order) => ({ customer: "ann", order, total: 1 }))).go();
  expect(unprocessed).toEqual([]);
  expect((await orders.get(first).go()).data).toMatchObject({ total: 3, tags: ["gift"], state: "new" });
  const { data } = await orders.update(first).set({ state: "paid" }).add({ total: 2 }).go({ response: "all_new" });
  expect(data).toMatchObject({ state: "paid", total: 5 });
  const page = await orders.query.byCustomer({ customer: "ann" }).go({ limit: 3 });
  expect(page.data.map(({ order }) => order)).toEqual(["1", "2", "3"]);
  const rest = await orders.query.byCustomer({ customer: "ann" }).go({ cursor: page.cursor });
  expect(rest.data.map(({ order }) => order)).toEqual(["4"]);
  const fresh = await orders.query
    .byState({ state: "new" })
    .where(({ total }, { gt }) => gt(total, 0))
    .go();
  expect(fresh.data.map(({ order }) => order)).toEqual(["2", "3", "4"]);
  await orders.delete(["2", "3"].map((order) => ({ customer: "ann", order }))).go();
  expect((await orders.scan.go()).data).toHaveLength(2);
});
