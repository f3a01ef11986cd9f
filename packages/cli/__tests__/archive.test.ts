import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { ListSubscriptionsByTopicCommand, PublishCommand, SetSubscriptionAttributesCommand } from "@aws-sdk/client-sns";
import { archiveFolder } from "@event-pipeline/event-model/archive-layout";
import { storedItems } from "@event-pipeline/testing/kept-events";
import { OperatedRun } from "@event-pipeline/testing/operated-run";
import { Operator, records } from "@event-pipeline/testing/operator";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { wipe } from "@event-pipeline/testing/wipe";

let run: OperatedRun;

beforeEach(async () => {
  run = await OperatedRun.start();
});

afterEach(() => run.stop());

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

test("a replay that is killed at any moment goes on from its file, and sends every event", async () => {
  await run.publish(Array.from({ length: 1_000 }, (_, index) => JSON.stringify({ type: "killed", id: index })));
  const before = await storedItems(run.local);
  await wipe(run.local);
  const file = join(mkdtempSync(join(tmpdir(), "resume-")), "replay.json");
  const args = ["archive", "replay", "--yes", "--rate", "400", "--resume", file];
  for (const signal of ["SIGKILL", "SIGINT", "SIGKILL"] as const) {
    const before = textOf(file);
    const replaying = new Operator(args, { AWS_ENDPOINT_URL: run.local.ready.endpoint });
    // What the one before has sent is still on its way; the file is this one's own sign of life.
    await run.local.until(() => textOf(file) !== before);
    replaying.child.kill(signal);
    expect((await replaying.done).code).toBe(signal === "SIGINT" ? 130 : null);
    // So that what is processed next is of the next one.
    await run.drained();
  }
  const resumed = await run.command(...args);
  expect(resumed.code).toBe(0);
  const { counts, finished } = JSON.parse(readFileSync(file, "utf8"));
  expect(finished).toBe(true);
  expect(counts.sent).toBeGreaterThanOrEqual(600);
  await run.drained();
  expect([...(await storedItems(run.local)).keys()].sort()).toEqual([...before.keys()].sort());

  const again = await run.command(...args);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("has ended before")]);
  const other = await run.command(...args, "--type", "other");
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("whose type is")]);
  writeFileSync(file, "{}");
  expect((await run.command(...args)).code).toBe(2);
}, 90_000);

test("what is missing is found, explained and, alone, sent again", async () => {
  const poison = ["not JSON", "[]", '{"type":7}'];
  await run.publish([
    ...Array.from({ length: 30 }, (_, index) => JSON.stringify({ type: "kept", id: index })),
    ...Array.from({ length: 20 }, (_, index) => JSON.stringify({ type: "lost", id: index })),
    '{"type":"twice","id":"one","time":"2026-11-24T10:00:00Z"}',
    '{"type":"twice","id":"one","time":"2026-11-24T10:00:00Z"}',
    ...poison,
  ]);
  expect(await run.total()).toMatchObject({ code: 0, archived: 55, stored: 51, folded: 1, refused: 3, missing: 0 });
  await wipe(run.local, (type) => type === "lost");
  const ran = await run.command("reconcile", "--json");
  expect(ran.code).toBe(1);
  expect(records(ran).filter(({ what }) => what === "missing")).toHaveLength(20);
  expect(records(ran).find(({ event_type, kind }) => kind === "type" && event_type === "lost")).toMatchObject({
    missing: 20,
  });
  expect((await run.command("reconcile", "--since", "9999-01-01")).stderr).toContain("Nothing was looked up.");
  expect((await run.command("reconcile")).stderr).toContain(
    "20 are missing. Next: event-pipeline archive replay --only-missing",
  );

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

test("data that is not what was published is found, and only where it is asked for", async () => {
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

test("what the queue's filter policy leaves out by now, what has expired and what is no event is not sent", async () => {
  await run.publish([
    '{"type":"a","severity":"high"}',
    '{"type":"a","severity":"low"}',
    '{"type":"b","severity":"high"}', // Stays, and says when events expire.
  ]);
  const old = envelopeOf(JSON.stringify({ type: "a", severity: "high", id: "old" }), {
    Timestamp: "2025-01-02T03:04:05.678Z",
  });
  const Key = `${archiveFolder(new Date("2025-01-02T03:04:05Z"))}own.gz`;
  const Body = gzipSync(`${old}\nno event\n`);
  await run.local.clients.s3.send(new PutObjectCommand({ Bucket: run.local.output("raw_bucket"), Key, Body }));
  const { Subscriptions = [] } = await run.local.clients.sns.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: run.local.output("topic_arn") }),
  );
  const SubscriptionArn = Subscriptions.find(({ Endpoint }) =>
    Endpoint?.endsWith(":local-events-queue"),
  )?.SubscriptionArn;
  for (const [AttributeName, AttributeValue] of [
    ["FilterPolicyScope", "MessageBody"],
    ["FilterPolicy", '{"severity":["high"]}'],
  ]) {
    await run.local.clients.sns.send(
      new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }),
    );
  }
  const dry = await run.command("archive", "replay", "--dry-run", "--json");
  expect(records(dry)).toEqual([expect.objectContaining({ would_send: 2, filtered: 1, expired: 1 })]);
  expect(dry.stderr).toContain(`${Key}, line 2: The body is not JSON`);
  expect(dry.code).toBe(3);
  await wipe(run.local, (type) => type === "a");
  expect(await run.total()).toMatchObject({ code: 1, archived: 4, stored: 1, filtered: 1, expired: 1, missing: 1 });
  await wipe(run.local);
  expect((await run.command("reconcile")).stderr).toContain("When events expire is not known");
});

test("objects are listed by the time of their events, and events are got as SNS sent them", async () => {
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
  expect((await run.command("archive", "replay")).stderr).toContain("give --yes");
  expect((await run.command("archive", "list", "--since", "1m", "--until", "2m")).code).toBe(2);
});

test("of two texts under one MessageId neither replay nor advice touches the one that is stored", async () => {
  const text = (n: number) => `{"type":"two","n":${n}}`;
  const Message = JSON.stringify({ default: text(1), sqs: text(2) });
  const command = { TopicArn: run.local.output("topic_arn"), Message, MessageStructure: "json" };
  await run.publish([text(0)]);
  const { MessageId } = await run.local.clients.sns.send(new PublishCommand(command));
  await run.local.until(() => run.local.hops("stored").length === 2 && run.local.hops("archived").length === 2);
  const before = await storedItems(run.local);

  const reconciled = await run.command("reconcile", "--compare-data");
  expect([reconciled.code, reconciled.stderr]).toEqual([1, expect.stringContaining("1 are stored with other data")]);
  expect(reconciled.stderr).not.toContain("event-pipeline archive replay");
  for (const args of [["--dry-run"], ["--yes"]]) {
    const { code, stderr } = await run.command("archive", "replay", ...args);
    expect([code, stderr]).toEqual([3, expect.stringContaining(`${MessageId} in raw/`)]);
    expect(stderr).toContain("1 not sent: two texts are under their MessageId");
  }
  await run.drained();
  expect(await storedItems(run.local)).toEqual(before);
});

test("what a resume file of somebody else has does nothing to a terminal", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "resume-")), "replay.json");
  const scope = {
    bucket: "\u001b[2J\u202eelse",
    queueUrl: "",
    since: null,
    until: "2026-01-01",
    type: null,
    missing: false,
  };
  const counts = { sent: 0 };
  writeFileSync(file, JSON.stringify({ scope, place: null, counts, finished: false }));
  const { code, stderr } = await run.command("archive", "replay", "--yes", "--resume", file);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("is of a replay whose bucket is \\u001b[2J\\u202eelse, and this one's is local-events-raw"),
  ]);
});
