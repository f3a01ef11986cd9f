import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { buildSync } from "esbuild";

const KILLS = 10;
/** Loops of each kind of write, side by side. */
const LOOPS = 8;
const TableName = "tab";

const folder = mkdtempSync(join(tmpdir(), "dynamodb-kill-"));
const server = join(mkdtempSync(join(tmpdir(), "dynamodb-server-")), "server.cjs");

beforeAll(() => {
  buildSync({
    stdin: {
      contents: `import { Dynamodb } from "../../dynamodb/dynamodb";
        import { DYNAMODB } from "../../dynamodb/service";
        import { RunningClock } from "../../clock";
        import { MemoryStorage } from "../../storage/storage";
        import { startServices } from "../start-services";
        const storage = new MemoryStorage();
        const host = { endpoint: "", region: "us-east-1", clock: new RunningClock(), storage, observer: {} };
        const fail = (error) => { throw error; };
        Dynamodb.open(host, process.argv[2], fail)
          .then((state) => startServices(() => [{ definition: DYNAMODB, state }]))
          .then(({ endpoint }) => process.stdout.write(endpoint));`,
      resolveDir: __dirname,
    },
    outfile: server,
    bundle: true,
    platform: "node",
    define: { "import.meta.url": "__filename" },
    external: ["node:sqlite", "dynalite"],
  });
});

let running: { readonly client: DynamoDBClient; readonly kill: () => Promise<void> } | undefined;

afterAll(() => running?.kill());

/** Starts DynamoDB on the folder in a process of its own. */
async function start() {
  const env = { ...process.env, NODE_PATH: join(__dirname, "../../../../node_modules") };
  const child = spawn(process.execPath, [server, folder], { env, stdio: ["ignore", "pipe", "inherit"] });
  const [endpoint] = (await once(child.stdout, "data")) as [Buffer];
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint: String(endpoint), region: "us-east-1", credentials, maxAttempts: 1 });
  const kill = async () => {
    child.kill("SIGKILL");
    await once(child, "close");
    client.destroy();
  };
  running = { client, kill };
  return running;
}

const keyOf = (id: string) => ({ p: { S: id }, s: { S: "s" } });
const itemOf = (id: string, version: string) => ({
  ...keyOf(id),
  g: { S: version },
  l: { S: version },
  x: { S: "x".repeat(3_000) },
});

type Kind = "put" | "update" | "delete" | "batch" | "transaction";

/** The writes of a version, by their kind. `undefined` as the version deletes. */
const WRITES: Readonly<Record<Kind, (ids: readonly string[], version?: string) => object>> = {
  put: ([id = ""], version = "") => new PutItemCommand({ TableName, Item: itemOf(id, version) }),
  update: ([id = ""], version = "") => {
    const { g, l, x } = itemOf(id, version);
    const UpdateExpression = "SET g = :g, l = :l, x = :x";
    const ExpressionAttributeValues = { ":g": g, ":l": l, ":x": x };
    return new UpdateItemCommand({ TableName, Key: keyOf(id), UpdateExpression, ExpressionAttributeValues });
  },
  delete: ([id = ""], version?: string) =>
    version === undefined ? new DeleteItemCommand({ TableName, Key: keyOf(id) }) : WRITES.put([id], version),
  batch: (ids: readonly string[], version?: string) => {
    const writes = ids.map((id) =>
      version === undefined ? { DeleteRequest: { Key: keyOf(id) } } : { PutRequest: { Item: itemOf(id, version) } },
    );
    return new BatchWriteItemCommand({ RequestItems: { [TableName]: writes } });
  },
  transaction: (ids: readonly string[], version?: string) => {
    const writes = ids.map((id) =>
      version === undefined
        ? { Delete: { TableName, Key: keyOf(id) } }
        : { Put: { TableName, Item: itemOf(id, version) } },
    );
    return new TransactWriteItemsCommand({ TransactItems: writes });
  },
};

/** Items that one loop writes, the version of each before the write that the kill interrupted, and the version after it. */
interface Loop {
  readonly kind: Kind;
  readonly ids: readonly string[];
  before: readonly (string | undefined)[];
  after: string | undefined;
}

let version = 0;

async function write(client: DynamoDBClient, loop: Loop): Promise<never> {
  for (;;) {
    version++;
    const deletes = version % 3 === 0 && loop.kind !== "put" && loop.kind !== "update";
    loop.after = deletes ? undefined : `version-${version}`;
    await client.send(WRITES[loop.kind](loop.ids, loop.after) as PutItemCommand);
    loop.before = loop.ids.map(() => loop.after);
  }
}

async function scan(client: DynamoDBClient, IndexName?: string): Promise<string[]> {
  const found: string[] = [];
  let ExclusiveStartKey: ScanCommand["input"]["ExclusiveStartKey"];
  do {
    const page = await client.send(new ScanCommand({ TableName, IndexName, ExclusiveStartKey }));
    found.push(...(page.Items ?? []).map(({ p, g, l }) => `${p?.S} ${g?.S} ${l?.S}`));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return found.sort();
}

test("after a kill at any moment, a table and its indexes agree, and have what was acknowledged", async () => {
  let { client } = await start();
  const name = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
  const Projection = { ProjectionType: "ALL" } as const;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["p", "s", "g", "l"].map(name),
      KeySchema: keys("p", "s"),
      GlobalSecondaryIndexes: [{ IndexName: "global", KeySchema: keys("g", "p"), Projection }],
      LocalSecondaryIndexes: [{ IndexName: "local", KeySchema: keys("p", "l"), Projection }],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  const loops = (Object.keys(WRITES) as Kind[]).flatMap((kind) =>
    Array.from({ length: LOOPS }, (_, index): Loop => {
      const length = kind === "batch" || kind === "transaction" ? 5 : 1;
      const ids = Array.from({ length }, (_, item) => `${kind}-${index}-${item}`);
      return { kind, ids, before: ids.map(() => undefined), after: undefined };
    }),
  );
  for (let round = 0; round < KILLS; round++) {
    // On average a loop begins at least its second write; a slow one may not have ended its first.
    const killedAt = version + loops.length * (2 + Math.random() * 10);
    const writing = loops.map((loop) => write(client, loop).catch(() => undefined));
    while (version < killedAt) await sleep(5);
    await running?.kill();
    await Promise.all(writing);

    ({ client } = await start());
    const items = await scan(client);
    expect(await scan(client, "global")).toEqual(items);
    expect(await scan(client, "local")).toEqual(items);
    const versions = new Map(items.map((item) => item.split(" ").slice(0, 2) as [string, string]));
    for (const loop of loops) {
      const found = loop.ids.map((id) => versions.get(id));
      for (const [item, one] of found.entries()) expect([loop.before[item], loop.after]).toContain(one);
      if (loop.kind === "transaction") expect(new Set(found).size).toBe(1);
      // BatchWriteItem may have stored some of its items, so each begins the next round with a version of its own.
      loop.before = found;
    }
  }
}, 180_000);
