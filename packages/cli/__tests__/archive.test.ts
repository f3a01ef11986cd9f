import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { ListSubscriptionsByTopicCommand, PublishCommand, SetSubscriptionAttributesCommand } from "@aws-sdk/client-sns";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { AwsError } from "@event-pipeline/local-aws/protocols/aws-error";
import { FaultyProxy, type SdkRequest } from "@event-pipeline/testing/faulty-proxy";
import { CliProcess, records, runCli } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { moveToSnsTime, storedItems } from "@event-pipeline/testing/stored-events";
import { OperatedRun } from "./operated-run";
import { wipe } from "./wipe";

let run: OperatedRun;

beforeAll(async () => {
  run = await OperatedRun.start();
});

afterAll(() => run.stop());

beforeEach(() => run.reset());

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

test("replay sends every event when it is killed and resumed", async () => {
  await run.publish(Array.from({ length: 600 }, (_, index) => JSON.stringify({ type: "killed", id: index })));
  const before = await storedItems(run.local);
  await wipe(run.local);
  const file = join(mkdtempSync(join(tmpdir(), "resume-")), "replay.json");
  const args = ["archive", "replay", "--yes", "--rate", "240", "--resume", file];
  for (const signal of ["SIGKILL", "SIGINT", "SIGKILL"] as const) {
    const before = textOf(file);
    const replaying = new CliProcess(args, { AWS_ENDPOINT_URL: run.local.ready.endpoint });
    // The replay rewrites the file after it has sent events. On a busy machine, it may end before the signal arrives.
    await Promise.race([run.local.until(() => textOf(file) !== before), replaying.done]);
    replaying.child.kill(signal);
    expect([signal === "SIGINT" ? 130 : null, 0]).toContain((await replaying.done).code);
    await run.drained();
  }
  const resumed = await run.command(...args);
  expect(resumed.code).toBe(0);
  const { counts, finished } = JSON.parse(readFileSync(file, "utf8"));
  expect(finished).toBe(true);
  expect(counts.sent).toBeGreaterThanOrEqual(360);
  await run.drained();
  expect([...(await storedItems(run.local)).keys()].sort()).toEqual([...before.keys()].sort());

  const again = await run.command(...args);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("finished")]);
  const other = await run.command(...args, "--type", "other");
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("other")]);
  writeFileSync(file, "{}");
  expect((await run.command(...args)).code).toBe(2);
}, 90_000);

test("reconcile finds missing events, and replay --only-missing sends only these", async () => {
  const refused = ["not JSON", "[]", '{"type":7}'];
  await run.publish([
    ...Array.from({ length: 30 }, (_, index) => JSON.stringify({ type: "kept", id: index })),
    ...Array.from({ length: 20 }, (_, index) => JSON.stringify({ type: "lost", id: index })),
    '{"type":"twice","id":"one","time":"2026-11-24T10:00:00Z"}',
    '{"type":"twice","id":"one","time":"2026-11-24T10:00:00Z"}',
    ...refused,
  ]);
  expect(await run.total()).toMatchObject({ code: 0, archived: 55, stored: 51, folded: 1, refused: 3, missing: 0 });
  await wipe(run.local, (type) => type === "lost");
  const ran = await run.command("reconcile", "--json");
  expect(ran.code).toBe(1);
  expect(records(ran).filter(({ what }) => what === "missing")).toHaveLength(20);
  expect(records(ran).find(({ event_type, kind }) => kind === "type" && event_type === "lost")).toMatchObject({
    missing: 20,
  });
  expect(await run.command("reconcile", "--since", "9999-01-01")).toMatchObject({ code: 0, stdout: "" });
  expect((await run.command("reconcile")).stderr).toContain("event-pipeline archive replay --only-missing");

  const dry = await run.command("archive", "replay", "--only-missing", "--dry-run", "--json");
  expect(records(dry)).toEqual([expect.objectContaining({ would_send: 20, stored: 32, refused: 3 })]);
  const replayed = await run.command("archive", "replay", "--only-missing", "--yes", "--json");
  expect(records(replayed)).toEqual([expect.objectContaining({ sent: 20, stored: 32, refused: 3 })]);
  await run.drained();
  expect(await run.total()).toMatchObject({ code: 0, missing: 0 });
  expect(records(await run.command("archive", "replay", "--type", "kept", "--dry-run", "--json"))[0].would_send).toBe(
    30,
  );
}, 60_000);

test("reconcile and replay --only-missing find events that an earlier handler stored under SNS's time", async () => {
  await run.publish(['{"type":"former","time":1767323045}', '{"type":"former","id":"f","timestamp":1767323045678}']);
  const messageIds = [...(await storedItems(run.local)).values()].map(({ message_id }) => String(message_id?.S));
  for (const messageId of messageIds) await moveToSnsTime(run.local, messageId);
  expect(await run.total()).toMatchObject({ code: 0, archived: 2, stored: 0, former_key: 2, missing: 0 });
  const { stdout, stderr } = await run.command("reconcile");
  expect([stdout, stderr]).toEqual([expect.stringContaining("FORMER KEY"), expect.stringContaining("--only-missing")]);
  const replay = ["archive", "replay", "--dry-run", "--json"];
  expect(records(await run.command(...replay, "--only-missing"))[0]).toMatchObject({ would_send: 0, stored: 2 });
  expect(records(await run.command(...replay))[0]).toMatchObject({ would_send: 2 });
});

test("replay of a type that no archived event has exits with 1, and names the types", async () => {
  await run.publish(['{"type":"scan.done"}', '{"type":"finding.new"}', "not JSON"]);
  for (const args of [["--dry-run"], ["--yes"]]) {
    const { code, stderr } = await run.command("archive", "replay", "--type", "finding.nwe", ...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(": finding.new, scan.done.")]);
  }
  expect((await run.command("archive", "replay", "--type", "scan.done", "--dry-run")).code).toBe(0);
  expect((await run.command("archive", "replay", "--type", "x", "--since", "9999-01-01", "--dry-run")).code).toBe(0);
});

test("reconcile --compare-data finds changed data", async () => {
  await run.publish([
    JSON.stringify({ type: "data", id: "changed", n: 1 }),
    JSON.stringify({ type: "data", id: "same", n: 1 }),
  ]);
  const [changed] = [...(await storedItems(run.local)).values()].filter(({ event_id }) => event_id?.S === "changed");
  await run.local.clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: run.local.output("table_name"),
      Key: { event_type: { S: "data" }, timestamp_id: { S: String(changed?.timestamp_id?.S) } },
      UpdateExpression: "SET #data.#n = :n",
      ExpressionAttributeNames: { "#data": "data", "#n": "n" },
      ExpressionAttributeValues: { ":n": { N: "2" } },
    }),
  );
  expect(await run.total()).toMatchObject({ code: 0, stored: 2 });
  expect(await run.total("--compare-data")).toMatchObject({ code: 1, stored: 1, different: 1 });
});

test("reconcile --compare-data advises to delete changed data under a former key, not to replay over it", async () => {
  await run.publish(['{"type":"former","id":"f","time":1767323045}']);
  const [stored] = [...(await storedItems(run.local)).values()];
  const timestamp_id = await moveToSnsTime(run.local, String(stored?.message_id?.S));
  const Key = { event_type: { S: "former" }, timestamp_id: { S: timestamp_id } };
  const { dynamodb } = run.local.clients;
  const TableName = run.local.output("table_name");
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...stored, ...Key, data: { M: {} } } }));
  const ran = await run.command("reconcile", "--compare-data");
  expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining(timestamp_id)]);
  const replays = [...ran.stderr.matchAll(/npx event-pipeline archive replay( --only-missing)?/g)];
  expect(replays.map(([, onlyMissing]) => onlyMissing)).toEqual([" --only-missing"]);
  const found = records(await run.command("reconcile", "--compare-data", "--json"));
  expect(found[0]).toMatchObject({ what: "different", timestamp_id, former_key: true });
  await dynamodb.send(new DeleteItemCommand({ TableName, Key }));
  await run.command("archive", "replay", "--only-missing", "--yes");
  await run.drained();
  expect(await run.total("--compare-data")).toMatchObject({ code: 0, stored: 1, different: 0 });
});

/** Sets the filter policy of the queue's subscription. */
async function setFilterPolicy(FilterPolicy: string): Promise<void> {
  const { sns } = run.local.clients;
  const { Subscriptions = [] } = await sns.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: run.local.output("topic_arn") }),
  );
  const queue = Subscriptions.find(({ Endpoint }) => Endpoint?.endsWith(":local-events-queue"));
  const attributes = { FilterPolicyScope: "MessageBody", FilterPolicy };
  for (const [AttributeName, AttributeValue] of Object.entries(attributes)) {
    const command = { SubscriptionArn: queue?.SubscriptionArn, AttributeName, AttributeValue };
    await sns.send(new SetSubscriptionAttributesCommand(command));
  }
}

test("replay does not send events that are filtered, expired or unreadable", async () => {
  await run.publish([
    '{"type":"a","severity":"high"}',
    '{"type":"a","severity":"low"}',
    '{"type":"b","severity":"high"}',
  ]);
  const old = envelopeOf(JSON.stringify({ type: "a", severity: "high", id: "old" }), {
    Timestamp: "2025-01-02T03:04:05.678Z",
  });
  const Key = `${archiveHourPrefix(new Date("2025-01-02T03:04:05Z"))}own.gz`;
  const Body = gzipSync(`${old}\nnot an event\n`);
  await run.local.clients.s3.send(new PutObjectCommand({ Bucket: run.local.output("raw_bucket"), Key, Body }));
  await setFilterPolicy('{"severity":["high"]}');
  const dry = await run.command("archive", "replay", "--dry-run", "--json");
  expect(records(dry)).toEqual([expect.objectContaining({ would_send: 2, filtered: 1, expired: 1 })]);
  expect(dry.stderr).toContain(`${Key}, line 2: The body is not JSON`);
  expect(dry.code).toBe(3);
  await wipe(run.local, (type) => type === "a");
  expect(await run.total()).toMatchObject({ code: 1, archived: 4, stored: 1, filtered: 1, expired: 1, missing: 1 });
  await wipe(run.local);
  expect(await run.total()).toMatchObject({ code: 1, missing: 2, expired: 1 });
  await setFilterPolicy("{}");
});

test("damaged data is named with a command that reads it, and not with the advice to run the command again", async () => {
  await run.publish(['{"type":"whole"}']);
  const Bucket = run.local.output("raw_bucket");
  const Key = `${archiveHourPrefix(new Date())}damaged.gz`;
  await run.local.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: new Uint8Array() }));
  await run.local.clients.s3.send(
    new PutObjectCommand({ Bucket, Key: `${archiveHourPrefix(new Date())}folder/`, Body: new Uint8Array() }),
  );
  const expectCode = async (code: number, ...args: string[]) => {
    const ran = await run.command(...args);
    expect([args, ran.code, ran.stderr]).toEqual([
      args,
      code,
      expect.stringContaining(` s3 cp s3://${Bucket}/${Key} -`),
    ]);
    expect(ran.stderr).toContain("1 object could not be read completely");
    expect(ran.stderr).toMatch(/not complete|not read completely/);
    expect(ran.stderr).not.toMatch(/again|To continue/);
  };
  await expectCode(3, "archive", "get");
  await expectCode(3, "archive", "replay", "--dry-run");
  await expectCode(3, "reconcile");
  await wipe(run.local);
  await expectCode(1, "reconcile");

  await run.publish(['{"type":"kept"}']);
  const cold = new AwsError("InvalidObjectState", "Not valid.", 403);
  const isGet = ({ service, request }: SdkRequest) => service === "s3" && String(request.url).includes("damaged.gz");
  await run.local.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  const proxy = await FaultyProxy.open((request) => (isGet(request) ? cold : undefined), run.local.ready.endpoint);
  const { code, stderr } = await runCli(["reconcile", "--local", "--endpoint-url", proxy.endpoint]);
  await proxy.close();
  expect([code, stderr]).toEqual([1, expect.stringContaining("To reconcile again: npx event-pipeline reconcile")]);
  expect(stderr).toContain("1 event missing");
}, 60_000);

test("list prints the objects for a time range, and get prints events as SNS sent them", async () => {
  await run.publish(['{"type":"got","id":"x","text":"line\\nbreak"}', '{"type":"other"}']);
  const listed = records(await run.command("archive", "list", "--since", "10m", "--json"));
  expect(listed.map(({ key }) => key)).toEqual([expect.stringMatching(/^raw\/year=\d{4}\/.*\.gz$/)]);
  expect(records(await run.command("archive", "list", "--until", "2026-01-01", "--json"))).toEqual([]);
  const [got] = records(await run.command("archive", "get", "--id", "x"));
  expect(got).toMatchObject({ Type: "Notification", Message: '{"type":"got","id":"x","text":"line\\nbreak"}' });
  expect((await run.command("archive", "get", "--type", "got", "--message")).stdout).toBe(
    '{"type":"got","id":"x","text":"line\\nbreak"}\n',
  );
  expect((await run.command("archive", "get", "--id", "nobody")).code).toBe(1);
  expect((await run.command("archive", "replay")).stderr).toContain("--yes");
  expect((await run.command("archive", "list", "--since", "1m", "--until", "2m")).code).toBe(2);
});

test("replay does not overwrite an item with another text, and reconcile does not suggest a replay", async () => {
  const text = (n: number) => `{"type":"two","n":${n}}`;
  const Message = JSON.stringify({ default: text(1), sqs: text(2) });
  const command = { TopicArn: run.local.output("topic_arn"), Message, MessageStructure: "json" };
  await run.publish([text(0)]);
  const { MessageId } = await run.local.clients.sns.send(new PublishCommand(command));
  await run.local.waitForHop(String(MessageId), "stored");
  await run.local.waitForHop(String(MessageId), "archived");
  const before = await storedItems(run.local);

  const reconciled = await run.command("reconcile", "--compare-data");
  expect([reconciled.code, reconciled.stderr]).toEqual([1, expect.stringContaining("Two texts under one MessageId")]);
  expect(reconciled.stderr).not.toContain("event-pipeline archive replay");
  for (const args of [["--dry-run"], ["--yes"]]) {
    const { code, stderr } = await run.command("archive", "replay", ...args);
    expect([code, stderr]).toEqual([3, expect.stringContaining(`${MessageId} in raw/`)]);
    expect(stderr).toContain("Two texts under one MessageId");
  }
  await run.drained();
  expect(await storedItems(run.local)).toEqual(before);
});

test("objects that the credentials do not allow to read are one sentence, and exit code 4", async () => {
  for (const id of [1, 2]) {
    const Body = envelopeOf(`{"type":"denied","id":${id}}`, { Timestamp: new Date().toISOString() });
    const Key = `${archiveHourPrefix(new Date())}${id}`;
    await run.local.clients.s3.send(new PutObjectCommand({ Bucket: run.local.output("raw_bucket"), Key, Body }));
  }
  const denied = new AwsError("AccessDenied", "Access Denied", 403);
  const isGet = ({ service, request }: SdkRequest) => service === "s3" && !String(request.url).includes("list-type");
  const proxy = await FaultyProxy.open((request) => (isGet(request) ? denied : undefined), run.local.ready.endpoint);
  const file = join(mkdtempSync(join(tmpdir(), "resume-")), "replay.json");
  const replay = ["archive", "replay", "--yes", "--resume", file];
  for (const args of [["archive", "get"], replay, ["reconcile"]]) {
    const { code, stderr } = await runCli([...args, "--local", "--endpoint-url", proxy.endpoint]);
    expect([args, code, stderr.match(/do not allow/g)]).toEqual([args, 4, ["do not allow"]]);
    expect(stderr).toContain("2 objects");
  }
  await proxy.close();
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ finished: false, left: { length: 2 } });
  expect((await run.command(...replay)).stderr).toContain("2 sent");
  await run.drained();
});

test("reconcile does not exit with 0 over an archive without the events that the handler stored", async () => {
  await run.publish(['{"type":"kept"}']);
  const { s3 } = run.local.clients;
  const Bucket = run.local.output("raw_bucket");
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  expect(await run.command("reconcile", "--since", "1h")).toMatchObject({ code: 3 });
  expect(await run.command("reconcile", "--until", "2025-01-01")).toMatchObject({ code: 0 });
});

test("replay --resume rejects an end in the future", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "resume-")), "replay.json");
  const args = ["archive", "replay", "--yes", "--resume", file, "--until", "9999-01-01"];
  expect(await run.command(...args)).toMatchObject({ code: 2 });
  expect(existsSync(file)).toBe(false);
});

test("replay escapes the text of a resume file in its error", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "resume-")), "replay.json");
  const scope = {
    bucket: "\u001b[2J\u202eelse",
    queueUrl: "",
    since: null,
    until: "2026-01-01",
    type: null,
    missing: false,
    refused: false,
  };
  const startedAt = "2026-01-01";
  writeFileSync(
    file,
    JSON.stringify({ scope, startedAt, position: null, left: [], counts: { sent: 0 }, finished: false }),
  );
  const { code, stderr } = await run.command("archive", "replay", "--yes", "--resume", file);
  expect([code, stderr]).toEqual([2, expect.stringContaining("\\u001b[2J\\u202eelse, not local-events-raw")]);
});
