import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { AwsError } from "@event-pipeline/local-aws/protocols/aws-error";
import { FaultyProxy, jsonError } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";
import { wipe } from "../wipe";

let run: LocalRun;
const EVENTS = 250;
beforeAll(async () => {
  run = await LocalRun.start();
  const lines = Array.from({ length: EVENTS }, (_, index) =>
    // The last three have the same time.
    JSON.stringify({
      type: "listed",
      id: `=${index},"\n`,
      time: new Date(1.78e12 + Math.min(index, EVENTS - 3)).toISOString(),
      severity: index % 2 ? "high" : "low",
      data: { target: [`t${index % 5}`], n: 12345678901234567890n.toString() },
    }),
  );
  lines.push(
    '{"type":"precise","n":12345678901234567890,"e":1e400}',
    '{"type":"precise","n":0.10000000000000000000000000001}',
  );
  await runCliOn(run, ["publish", "-"], lines.join("\n"));
  await run.until(() => run.idsOf("stored").size === EVENTS + 2);
});
afterAll(() => run.stop());

const list = (...args: string[]) => runCliOn(run, ["events", "list", "--type", "listed", ...args]);

test("a type without events names the types in the table, the nearest first", async () => {
  const { code, stderr } = await runCliOn(run, ["events", "list", "--type", "precize"]);
  expect([code, stderr]).toEqual([0, "0 events.\nThe types in the table: precise, listed.\n"]);
});

test("a failed search for the types names the command that lists them", async () => {
  const denied = await FaultyProxy.open(
    ({ action }) => (action === "Scan" ? jsonError(400, "AccessDeniedException") : undefined),
    run.ready.endpoint,
  );
  const { endpoint } = denied;
  const environment = { AWS_ENDPOINT_URL: endpoint };
  const { code, stderr } = await runCli(["events", "list", "--type", "precize"], { environment });
  await denied.close();
  const next = `To list all types: npx event-pipeline events types --local --endpoint-url ${endpoint}`;
  expect([code, stderr]).toEqual([0, `0 events.\n${next}\n`]);
});

test("--json prints the attributes that another writer added, and --csv has no column for them", async () => {
  const Item = {
    event_type: { S: "other" },
    timestamp_id: { S: "2026-01-02T03:04:05.678Z#1" },
    data: { M: { n: { N: "1" } } },
    agent: { S: "it's" },
    digits: { NS: ["12345678901234567890"] },
    bytes: { B: Buffer.from("ü") },
    nothing: { NULL: true },
  };
  await run.clients.dynamodb.send(new PutItemCommand({ TableName: run.output("table_name"), Item }));
  const { stdout } = await runCliOn(run, ["events", "list", "--type", "other", "--json"]);
  expect(stdout).toContain('"data":{"n":1},');
  expect(stdout).toContain('"digits":[12345678901234567890]');
  expect(JSON.parse(stdout)).toMatchObject({ agent: "it's", bytes: "w7w=", nothing: null });
  const csv = await runCliOn(run, ["events", "list", "--type", "other", "--csv"]);
  await wipe(run, (type) => type === "other");
  const [header, line] = csv.stdout.split("\n");
  expect(header).toBe(
    "event_type,timestamp_id,event_id,message_id,received_at,expires_at,mapped_by,subject,attributes,data",
  );
  expect(line).not.toContain("it's");
});

test("--all lists every event once, newest or oldest first", async () => {
  const newest = records(await list("--all", "--json"));
  expect(new Set(newest.map(({ timestamp_id }) => timestamp_id)).size).toBe(EVENTS);
  const keys = newest.map(({ timestamp_id }) => timestamp_id);
  expect(keys).toEqual([...keys].sort().reverse());
  const oldest = records(await list("--all", "--json", "--oldest-first"));
  expect(oldest.map(({ timestamp_id }) => timestamp_id)).toEqual([...keys].reverse());
});

test("--limit prints the option for the next page, and no page skips an event", async () => {
  const seen = new Set<string>();
  let until: string[] = [];
  for (let page = 0; page < 10; page += 1) {
    const { code, stdout, stderr } = await list("--json", "--limit", "60", ...until);
    expect(code).toBe(0);
    for (const { timestamp_id } of records({ code, stdout, stderr })) seen.add(timestamp_id);
    const next = / (--until \S+)\.$/m.exec(stderr)?.[1];
    if (!next) break;
    until = next.split(" ");
  }
  expect(seen.size).toBe(EVENTS);
});

test("--since, --until and --filter select events", async () => {
  const [from, to] = [100, 110].map((index) => new Date(1.78e12 + index).toISOString());
  expect(records(await list("--json", "--since", String(from), "--until", String(to)))).toHaveLength(10);
  const high = records(await list("--json", "--all", "--filter", "severity=high", "--filter", "data.target=t1"));
  expect(high).toHaveLength(EVENTS / 10);
  expect((await list("--filter", "data.target=t9")).stderr).toMatch(/^0 events\.\n.* type listed exist/);
  const backwards = await list("--since", "1h", "--until", "2h");
  expect([backwards.code, backwards.stderr]).toEqual([2, expect.stringMatching(/--since \S+ .*--until/)]);
});

test("--csv prints CSV (RFC 4180) without formulas", async () => {
  const { stdout } = await list("--csv", "--limit", "1", "--oldest-first");
  expect(stdout).toMatch(
    /^event_type,timestamp_id,event_id,message_id,received_at,expires_at,mapped_by,subject,attributes,data\nlisted,"2026-/,
  );
  expect(stdout).toContain(`,"'=0,""\\n",`);
  expect(stdout.split("\n")).toHaveLength(3);
  expect((await list("--csv", "--json")).code).toBe(2);
});

test("prints every digit of a number", async () => {
  const { stdout } = await runCliOn(run, ["events", "list", "--type", "precise", "--json"]);
  for (const digits of ["12345678901234567890", "0.10000000000000000000000000001", "1e400"])
    expect(stdout).toContain(digits);
});

test("types counts the events of each type, and prints the size of the scan", async () => {
  const ran = await runCliOn(run, ["events", "types", "--json"]);
  expect(records(ran)).toEqual([
    { type: "listed", count: EVENTS, newest: expect.any(String) },
    { type: "precise", count: 2, newest: expect.any(String) },
  ]);
  expect(ran.stderr).toContain("read request units");
});

test("types scans a large table only with --yes", async () => {
  const Table = { TableSizeBytes: 5 * 1_024 ** 3, ItemCount: 9_000_000 };
  const proxy = await FaultyProxy.open(
    ({ action }) => (action === "DescribeTable" ? { status: 200, body: JSON.stringify({ Table }) } : undefined),
    run.ready.endpoint,
  );
  const environment = { AWS_ENDPOINT_URL: proxy.endpoint };
  const { code, stderr } = await runCli(["events", "types"], { environment });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/9000000 items, 5120\.0 MiB, 655360 read .*--yes/)]);
  expect(proxy.requests.map(({ action }) => action)).not.toContain("Scan");
  expect((await runCli(["events", "types", "--yes"], { environment })).code).toBe(0);
  await proxy.close();
});

test("exits with 1 if DynamoDB keeps throttling", async () => {
  const random = jest.spyOn(Math, "random").mockReturnValue(0); // Makes every backoff 0 ms.
  const proxy = await FaultyProxy.open(
    ({ action }) => (action === "Query" ? jsonError(400, "ThrottlingException", "slower") : undefined),
    run.ready.endpoint,
  );
  const environment = { AWS_ENDPOINT_URL: proxy.endpoint };
  const { code, stderr } = await runCli(["events", "list", "--type", "listed"], { environment });
  await proxy.close();
  expect([code, stderr]).toEqual([1, expect.stringContaining("DynamoDB Query for local-events")]);
  expect(proxy.requests.length).toBeGreaterThan(1);
  random.mockRestore();
});

test.each([
  ["AccessDeniedException", 400, 4],
  ["InternalServerError", 500, 3],
])("prints what was read before %s, and that the rest is not known", async (code, status, exitCode) => {
  const random = jest.spyOn(Math, "random").mockReturnValue(0); // Makes every backoff 0 ms.
  const proxy = await FaultyProxy.open(({ action, body }) => {
    if (action !== "Query" && action !== "Scan") return undefined;
    if (body.includes("ExclusiveStartKey")) return new AwsError(code, "no reason", status);
    return Buffer.from(JSON.stringify({ ...JSON.parse(body), Limit: 100 }));
  }, run.ready.endpoint);
  const environment = { AWS_ENDPOINT_URL: proxy.endpoint };
  const listed = await runCli(["events", "list", "--type", "listed", "--all", "--json"], { environment });
  expect([listed.code, records(listed).length]).toEqual([exitCode, 100]);
  expect(listed.stderr).toMatch(/100 events.*--until 2026-\S+\.\n.*DynamoDB Query/s);
  const types = await runCli(["events", "types", "--json"], { environment });
  const counted = records(types).reduce((sum, { count }) => sum + count, 0);
  expect([types.code, counted, types.stderr]).toEqual([
    exitCode,
    100,
    expect.stringMatching(/100 items.*DynamoDB Scan/s),
  ]);
  await proxy.close();
  random.mockRestore();
});

test("list requires --type, because it queries by the partition key", async () => {
  const { code, stderr } = await runCliOn(run, ["events", "list"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("--type")]);
});

test("prints no colors if stdout is a pipe", async () => {
  const { stdout } = await list("--limit", "3");
  expect(stdout.trimEnd().split("\n")).toHaveLength(3);
  expect(stdout).not.toContain("\u001b");
});
