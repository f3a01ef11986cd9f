// Every command that a message names works when it is pasted, in a shell without the variables of the first command.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { ListSubscriptionsByTopicCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import {
  DeleteQueueCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { redrivableMessage, sendAll } from "@event-pipeline/testing/dead-letters";
import { FaultyProxy } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { CliProcess, type CommandResult, runCli } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { drained, storedItems } from "@event-pipeline/testing/stored-events";
import { EXAMPLE_EVENTS, stageWith } from "@event-pipeline/testing/synthesized";
import { wipe } from "./wipe";

let run: LocalRun;
let folder: string;

beforeAll(async () => {
  folder = stackFolder(undefined, stageWith({}, { alerts: { handler: "alert-log" } }));
  run = await LocalRun.start("--delivery", "ordered", "--stack-folder", folder);
});

const opened: FaultyProxy[] = [];

afterAll(async () => {
  await Promise.all(opened.map((proxy) => proxy.close()));
  expect(await run.stop()).toBe(0);
});

/** The places in the sources whose commands a test has run: the file and the command's constant words. */
const followed = new Set<string>();

const cli = (...args: string[]) => runCli(args, { environment: { AWS_ENDPOINT_URL: run.ready.endpoint } });

/** Runs the command after `place`'s words in what another command printed, as printed, except for the answer to a question. */
async function follow(
  { stdout, stderr }: CommandResult,
  place: string,
  expected: { readonly codes?: readonly number[]; readonly shows: string | RegExp },
): Promise<CommandResult> {
  const [, words = ""] = place.split(": ");
  const printed = [...`${stdout}\n${stderr}`.matchAll(/(?:^|: )(npx event-pipeline .+)$/gm)].map(([, line]) => line);
  const line = printed.find((each) => each?.startsWith(`npx event-pipeline ${words} `));
  expect({ place, printed, line }).toMatchObject({ line: expect.any(String) });
  const isAsked = /^(dlq redrive|dlq purge|archive replay)/.test(words);
  const npx = 'npx() { shift; node dist/cli/main.mjs "$@"; }';
  const ran = await CliProcess.shell(`${npx}\n${line}${isAsked ? " --yes" : ""}`, {}).done;
  expect({ line, ...ran, isExpected: (expected.codes ?? [0]).includes(Number(ran.code)) }).toMatchObject({
    isExpected: true,
  });
  expect(ran.stdout + ran.stderr).toMatch(expected.shows);
  followed.add(place);
  return ran;
}

async function published(...args: string[]): Promise<string> {
  const { stdout } = await cli("publish", ...args);
  return stdout.trim();
}

const lost = async (bucket: string): Promise<void> => {
  const { Contents = [] } = await run.clients.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  for (const { Key } of Contents) await run.clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
};

/** Writes an event to the archive that SNS did not deliver to the queue. */
async function archive(message: string): Promise<string> {
  const body = envelopeOf(message, { Timestamp: new Date().toISOString() });
  const Key = `${archiveHourPrefix(new Date())}${message.length}.gz`;
  await run.clients.s3.send(
    new PutObjectCommand({ Bucket: run.output("raw_bucket"), Key, Body: gzipSync(`${body}\n`) }),
  );
  return String(JSON.parse(body).MessageId);
}

const queueUrl = async (QueueName: string) =>
  String((await run.clients.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl);

async function unsubscribe(queue: string): Promise<void> {
  const TopicArn = run.output("topic_arn");
  const { Subscriptions = [] } = await run.clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const { SubscriptionArn } = Subscriptions.find(({ Endpoint = "" }) => Endpoint.endsWith(`:${queue}`)) ?? {};
  await run.clients.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
}

// The order matters: the last tests break the run.
test("publish names the command that traces the event", async () => {
  const ran = await cli("publish", "scan.done", "--id", "it's");
  await run.waitForHop(ran.stdout.trim(), "stored");
  await follow(ran, "packages/cli/publish.ts: events show", { shows: `${ran.stdout.trim()}  scan.done  it's` });
});

test("commands for contracts publish a contract's example, and print an event that a contract would refuse", async () => {
  const own = await LocalRun.start("--stack-folder", stackFolder(undefined, undefined, EXAMPLE_EVENTS));
  const environment = { AWS_ENDPOINT_URL: own.ready.endpoint };
  const ran = await runCli(["publish", "finding.new"], { environment });
  const { stdout } = await follow(ran, "packages/cli/publish.ts: publish --sample", { shows: "events show" });
  await own.waitForHop(stdout.trim(), "stored");
  await own.until(() => own.idsOf("archived").has(stdout.trim()), 30_000);
  const events = mkdtempSync(join(tmpdir(), "it's events-"));
  const texts = { "x-event-type": "finding.new", "x-version": "2", title: "Finding", description: "For a test." };
  const examples = [{ type: "finding.new", agent: "a" }];
  writeFileSync(join(events, "finding.json"), JSON.stringify({ ...texts, required: ["agent"], examples }));
  const checked = await runCli(["contracts", "check", "--archive", "--folder", events], { environment });
  await follow(checked, "packages/cli/contracts/check.ts: archive get --id", { shows: "Test Finding" });
  expect(await own.stop()).toBe(0);
});

test("an empty list names the command that lists the types", async () => {
  for (const index of "abcdefghijk") await published(`many.${index}`);
  await drained(run, run.output("queue_url"));
  const ran = await cli("events", "list", "--type", "scan.dnoe");
  expect(ran.stderr).toMatch(/: scan\.done, .* and 2 more\.$/m);
  await follow(ran, "packages/cli/events/list.ts: events types", { shows: "many.k" });
});

test("the commands for a dead letter show it, redrive it and purge it", async () => {
  const id = await published("--sample", "not-json");
  await run.waitForHop(id, "dead-lettered");
  const shown = await cli("events", "show", id);
  await follow(shown, "packages/cli/events/show.ts: dlq show", { shows: `"sns_message_id": "${id}"` });
  const listed = await cli("dlq", "list");
  await follow(listed, "packages/cli/dlq/peek.ts: dlq show", { shows: `"sns_message_id": "${id}"` });
  const saved = "NOT_JSON.ndjson";
  rmSync(saved, { force: true });
  await follow(listed, "packages/cli/dlq/peek.ts: dlq export", { shows: `Wrote 1 message to ${saved}.` });
  rmSync(saved);
  // A message that returns while the command receives makes the exit code 3.
  const sent = { codes: [0, 3], shows: "1 of 1 message sent" };
  await follow(shown, "packages/cli/events/show.ts: dlq redrive", sent);
  await drained(run, run.output("queue_url"));
  await follow(listed, "packages/cli/dlq/peek.ts: dlq redrive", sent);
  await drained(run, run.output("queue_url"));
  const redriven = await cli("dlq", "redrive", "--yes", "--wait");
  await follow(redriven, "packages/cli/dlq/redrive.ts: dlq list", { shows: /NOT_JSON +1/ });
  const other = await cli("dlq", "show", "--", "-it's");
  await follow(other, "packages/cli/dlq/peek.ts: events show", { codes: [1], shows: "-it's was not found" });
  const file = join(mkdtempSync(join(tmpdir(), "dead letters-")), "it's.ndjson");
  const exported = await cli("dlq", "export", file);
  await follow(exported, "packages/cli/dlq/peek.ts: dlq purge", {
    shows: "1 of 1 exported message deleted",
  });
}, 90_000);

test("a redrive whose outcome is open names the command that counts the queue", async () => {
  await sendAll(run.clients.sqs, await queueUrl("local-alerts-dlq"), [redrivableMessage("alert")]);
  const full = await FaultyProxy.open(({ action, body }) => {
    const isCount =
      action === "GetQueueAttributes" && String(JSON.parse(body).QueueUrl).endsWith("/local-alerts-queue");
    const Attributes = {
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "0",
      ApproximateNumberOfMessagesDelayed: "0",
    };
    return isCount ? { status: 200, body: JSON.stringify({ Attributes }) } : undefined;
  }, run.ready.endpoint);
  opened.push(full);
  const args = ["dlq", "redrive", "--queue", "alerts", "--yes", "--wait", "1", "--local"];
  const ran = await runCli([...args, "--endpoint-url", full.endpoint]);
  await follow(ran, "packages/cli/dlq/redrive.ts: status", { shows: /^1 +\S+ +\S+ +local-alerts-queue$/m });
});

test("an unknown queue names the command that lists the queues", async () => {
  const ran = await cli("dlq", "list", "--queue", "alrets");
  await follow(ran, "packages/operations/dlq/resolve-dead-letter-queue.ts: status", { shows: "local-alerts-dlq" });
});

test("a time range without events names the command that shows the newest object", async () => {
  const listed = await cli("archive", "list", "--until", "2000-01-01");
  await follow(listed, "packages/cli/archive/list.ts: status", { shows: "last archived" });
  const reconciled = await cli("reconcile", "--until", "2000-01-01");
  await follow(reconciled, "packages/cli/reconcile.ts: status", { shows: "last archived" });
});

test("a missing event names the command that restores it", async () => {
  const id = await published("lost", "--id", "1");
  await run.waitForHop(id, "archived");
  await run.waitForHop(id, "stored");
  await wipe(run, (type) => type === "lost");
  const shown = await cli("events", "show", id);
  const restored = { shows: "1 sent" };
  await follow(shown, "packages/cli/events/show.ts: archive replay --only-missing", restored);
  await drained(run, run.output("queue_url"));
  await wipe(run, (type) => type === "lost");
  const replayed = await cli("archive", "replay", "--only-missing", "--yes");
  await drained(run, run.output("queue_url"));
  await follow(replayed, "packages/cli/archive/replay.ts: status", { shows: /^0 +0 +0 +local-events-queue$/m });
  await follow(replayed, "packages/cli/archive/replay.ts: reconcile", { shows: /^1 +1 .*lost$/m });
  await wipe(run, (type) => type === "lost");
  const reconciled = await cli("reconcile");
  expect(reconciled.code).toBe(1);
  await follow(reconciled, "packages/cli/reconcile.ts: archive replay --only-missing", restored);
  await drained(run, run.output("queue_url"));
});

test("an event that was archived but not delivered names the commands that search and send it", async () => {
  const id = await archive('{"type":"undelivered"}');
  await follow(await cli("events", "show", id), "packages/cli/events/show.ts: events show --since 1d", { shows: id });
  await run.clients.sqs.send(
    new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody: "{}", DelaySeconds: 900 }),
  );
  const reconciled = await cli("reconcile");
  expect(reconciled.code).toBe(3);
  await follow(reconciled, "packages/cli/reconcile.ts: status", { shows: /^0 +0 +1 +local-events-queue$/m });
});

test("an event with other data names the command that stores it again", async () => {
  const id = await published("changed", "--id", "1", "--data", '{"n":1}');
  await run.waitForHop(id, "archived");
  const stored = [...(await storedItems(run)).values()].find(({ event_type }) => event_type?.S === "changed");
  await run.clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: run.output("table_name"),
      Key: { event_type: { S: "changed" }, timestamp_id: { S: String(stored?.timestamp_id?.S) } },
      UpdateExpression: "SET #data.n = :n",
      ExpressionAttributeNames: { "#data": "data" },
      ExpressionAttributeValues: { ":n": { N: "2" } },
    }),
  );
  const reconciled = await cli("reconcile", "--compare-data");
  await follow(reconciled, "packages/cli/reconcile.ts: archive replay", { shows: /^\d+ sent/m });
});

test("an ID with too many publications names the command that traces one of them", async () => {
  const { stdout } = await cli("publish", "often", "--id", "same", "--count", "6");
  for (const id of stdout.trim().split("\n")) await run.waitForHop(id, "archived");
  const shown = await cli("events", "show", "same");
  await follow(shown, "packages/operations/events/trace/explain-event.ts: events show", { shows: "often  same" });
});

test("a dead letter among the archived events names the command that lists dead letters", async () => {
  await sendAll(run.clients.sqs, run.output("dlq_url"), [
    { MessageBody: envelopeOf('{"type":"dead"}', { MessageId: await archive('{"type":"dead"}') }) },
  ]);
  const reconciled = await cli("reconcile");
  await follow(reconciled, "packages/cli/reconcile.ts: dlq list", { shows: /^none +1/m });
});

test("an archive without the newest events names doctor", async () => {
  await lost(run.output("raw_bucket"));
  const reconciled = await cli("reconcile");
  expect(reconciled.code).toBe(3);
  await follow(reconciled, "packages/cli/reconcile.ts: doctor", { codes: [0, 1], shows: "Hops:" });
});

test("an undelivered event names the commands that show and redrive it", async () => {
  const MessageBody = envelopeOf('{"type":"undelivered"}', { MessageId: "not-delivered" });
  await sendAll(run.clients.sqs, await queueUrl("local-events-undelivered"), [{ MessageBody }]);
  const shown = await cli("events", "show", "not-delivered");
  await follow(shown, "packages/cli/events/show.ts: dlq show --queue undelivered", {
    shows: `"sns_message_id": "not-delivered"`,
  });
  // The message does not name its subscription, so it goes to the queue and the archive, which do not have it.
  const place = "packages/cli/events/show.ts: dlq redrive --queue undelivered";
  await follow(shown, place, { shows: "1 of 1 message sent" });
});

test("a broken subscription names the commands that find the cause and recover the events", async () => {
  const policy = new SetQueueAttributesCommand({ QueueUrl: run.output("queue_url"), Attributes: { Policy: "" } });
  await run.clients.sqs.send(policy);
  const denied = await cli("doctor", "--stack-folder", folder);
  await follow(denied, "packages/operations/doctor/topic-hops.ts: dlq redrive --queue undelivered", {
    shows: "0 of 0 messages sent",
  });
  await unsubscribe("local-alerts-queue");
  await unsubscribe("local-events-queue");
  const unsubscribed = await published("not.subscribed");
  await run.waitForHop(unsubscribed, "archived");
  const diagnosis = { codes: [1], shows: "The topic has no confirmed subscription" };
  await follow(await cli("events", "show", unsubscribed), "packages/cli/events/show.ts: doctor", diagnosis);
  const diagnosed = await cli("doctor", "--stack-folder", folder);
  const topic = "packages/operations/doctor/topic-hops.ts";
  await follow(diagnosed, `${topic}: archive replay --only-missing`, { shows: /^\d+ sent/m });
  await follow(diagnosed, `${topic}: archive get`, { shows: "not.subscribed" });
});

test("a missing queue names doctor", async () => {
  await run.clients.sqs.send(new DeleteQueueCommand({ QueueUrl: run.output("dlq_url") }));
  const shown = await cli("status");
  await follow(shown, "packages/cli/status.ts: doctor", { codes: [1], shows: "✗ dead-letter queue  local-events-dlq" });
});

/** Returns the sources of the commands and of the operations, by path. */
function sources(...roots: string[]): Map<string, string> {
  const paths = roots.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name)),
  );
  const code = paths.filter((path) => /\.tsx?$/.test(path) && !/__tests__|node_modules/.test(path));
  return new Map(code.map((path) => [path, readFileSync(path, "utf8")]));
}

test("every place that names a command is followed by a test above", () => {
  const places = [...sources("packages/cli", "packages/operations")].flatMap(([path, text]) =>
    [...text.matchAll(/\.cliCommand\(\s*("[^"]+"(?:,\s*"[^"]+")*)/g)].map(
      ([, words = ""]) => `${path}: ${words.replace(/[",]/g, "").replace(/\s+/g, " ")}`,
    ),
  );
  expect([...followed].sort()).toEqual([...new Set(places)].sort());
});

test("only one module writes the command's name before its arguments", () => {
  const files = sources("packages/cli", "packages/operations", "packages/console", "lambda-src");
  const writing = [...files].filter(([, text]) => {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/ .*$/gm, "");
    return /event-pipeline (\$\{|[a-z]+)/.test(code);
  });
  expect(writing.map(([path]) => path)).toEqual([]);
});
