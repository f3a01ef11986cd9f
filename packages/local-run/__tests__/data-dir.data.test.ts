// Runs under Node.js 22.13 or newer (npm run test:data): node:sqlite stores the queues in the folder.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import {
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  PublishBatchCommand,
  SubscribeCommand,
  TagResourceCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { LOCAL_RUN_TAGS } from "@event-pipeline/event-model/local-run-tags";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import { Publisher } from "@event-pipeline/testing/publisher";
import { archivedAll, archivedIds, drained, storedIds } from "@event-pipeline/testing/stored-events";
import { stageWith } from "@event-pipeline/testing/synthesized";

const dataDir = mkdtempSync(join(tmpdir(), "data-"));

async function publish(run: LocalRun, messages: readonly string[]): Promise<void> {
  for (let start = 0; start < messages.length; start += 10) {
    await run.clients.sns.send(
      new PublishBatchCommand({
        TopicArn: run.output("topic_arn"),
        PublishBatchRequestEntries: messages
          .slice(start, start + 10)
          .map((Message, index) => ({ Id: String(index), Message })),
      }),
    );
  }
}

test("keeps stored, queued, dead-lettered and archived events after a kill -9", async () => {
  const ids = Array.from({ length: 300 }, (_, index) => `survivor-${String(index).padStart(3, "0")}`);
  const first = await LocalRun.start("--data-dir", dataDir, "--archive-interval", "0");
  await publish(first, ["poison"]);
  await first.until(() => first.idsOf("dead-lettered").size === 1);
  await publish(
    first,
    ids.map((id) => JSON.stringify({ type: "kill", id })),
  );
  await first.until(() => first.hops("stored").length > 50);
  await first.stop("SIGKILL");

  const second = await LocalRun.start("--data-dir", dataDir, "--archive-interval", "0");
  const page = await PageStream.open(String(second.ready.page));
  expect((await page.hello).keepsData).toBe(true);
  page.close();
  await drained(second, second.output("queue_url"));
  expect([...(await storedIds(second))].sort()).toEqual(ids);

  const { QueueUrl } = await second.clients.sqs.send(new GetQueueUrlCommand({ QueueName: "local-events-dlq" }));
  expect(QueueUrl).toBe(second.output("dlq_url"));
  const dlq = await second.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
  );
  expect(Number(dlq.Attributes?.ApproximateNumberOfMessages)).toBeGreaterThanOrEqual(1);
  const { KeyCount } = await second.clients.s3.send(new ListObjectsV2Command({ Bucket: second.output("raw_bucket") }));
  expect(KeyCount).toBeGreaterThan(0);
  expect(await second.stop()).toBe(0);
});

test("exits with a one-line error when the disk is full, and keeps acknowledged events", async () => {
  const folder = mkdtempSync(join(tmpdir(), "full-"));
  // A limit of 4 MiB per file acts like a full disk and does not need root.
  const command = ["sh", "-c", 'ulimit -f 8192; exec "$@"', "sh"];
  const run = LocalRun.spawnUnder(command, "--no-demo", "--data-dir", folder, "--archive-interval", "0");
  await run.waitFor(({ kind }) => kind === "ready");
  const publisher = new Publisher("full", run.ready.endpoint, run.output("topic_arn"), "x".repeat(10_000));
  try {
    expect(await run.exited).toBe(1);
  } finally {
    await publisher.stop();
  }
  expect(run.stderr).toMatch(/^Cannot (?:write to|use) the folder ".*\/full-.*": .*\n$/);

  const again = await LocalRun.start("--data-dir", folder, "--archive-interval", "0");
  await drained(again, again.output("queue_url"));
  const stored = await storedIds(again);
  expect(publisher.acknowledged.length).toBeGreaterThan(10);
  expect(publisher.acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(await again.stop()).toBe(0);
}, 90_000);

test.each(["services.sqlite", "dynamodb/CURRENT"])(
  "rejects a folder with a damaged %s, with a one-line error",
  async (file) => {
    const folder = mkdtempSync(join(tmpdir(), "damaged-"));
    const first = await LocalRun.start("--data-dir", folder);
    expect(await first.stop()).toBe(0);
    writeFileSync(join(folder, file), "no file of ours");
    const second = LocalRun.spawn("--data-dir", folder);
    expect(await second.exited).toBe(1);
    expect(second.stderr).toMatch(/^The data in the folder ".*\/damaged-.*" is damaged: .*choose another folder\.\n$/);
  },
);

test("refuses a folder with files of the user, with a one-line error, and keeps them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  mkdirSync(join(folder, "s3"));
  writeFileSync(join(folder, "s3", "photo.jpg"), "precious");
  const run = LocalRun.spawn("--data-dir", folder);
  expect(await run.exited).toBe(2);
  expect(run.stderr).toMatch(
    /^The folder ".*\/users-.*" contains "s3", but no data in "services.sqlite": choose .*\n$/,
  );
  expect(readFileSync(join(folder, "s3", "photo.jpg"), "utf8")).toBe("precious");
});

test("unlocks the folder when its run is killed, even if another process gets the run's ID", async () => {
  const folder = mkdtempSync(join(tmpdir(), "killed-"));
  const first = await LocalRun.start("--data-dir", folder);
  await first.stop("SIGKILL");
  writeFileSync(join(folder, "run.pid"), String(process.pid));
  const second = await LocalRun.start("--data-dir", folder);
  expect(await second.stop()).toBe(0);
});

test.each(["/dev/null/data", "/proc/data"])("rejects %s, which cannot be created", async (folder) => {
  const run = LocalRun.spawn("--data-dir", folder);
  expect(await run.exited).toBe(2);
  expect(run.stderr).toMatch(/^Cannot write to the folder "\/(dev|proc)\/.*data": .*\n$/);
});

test("removes a subscription that is no longer in the stack, and keeps one that the user created", async () => {
  const folder = mkdtempSync(join(tmpdir(), "former-"));
  const stage = stageWith({}, { alerts: { handler: "alert-log" } });
  const endpoints = async (run: LocalRun) => {
    const { Subscriptions = [] } = await run.clients.sns.send(new ListSubscriptionsCommand({}));
    return Subscriptions.map(({ Endpoint }) => String(Endpoint).split(":").at(-1)).sort();
  };
  const first = await LocalRun.start("--data-dir", folder, "--stack-folder", stackFolder(undefined, stage));
  await first.clients.sqs.send(new CreateQueueCommand({ QueueName: "my-own" }));
  const Endpoint = "arn:aws:sqs:us-east-1:000000000000:my-own";
  const subscribe = { TopicArn: first.output("topic_arn"), Protocol: "sqs", Endpoint };
  await first.clients.sns.send(new SubscribeCommand(subscribe));
  expect(await endpoints(first)).toContain("local-alerts-queue");
  await first.stop("SIGKILL");

  const second = await LocalRun.start("--data-dir", folder);
  expect(await endpoints(second)).toEqual(["deliverystream/local-events-raw", "local-events-queue", "my-own"]);
  expect(await second.stop()).toBe(0);
});

test("describes the run that uses the folder now, not the one that it continues", async () => {
  const folder = mkdtempSync(join(tmpdir(), "described-"));
  const [former, current] = [stackFolder(), stackFolder()];
  const first = await LocalRun.start("--data-dir", folder, "--stack-folder", former, "--archive-interval", "7");
  const ResourceArn = first.output("topic_arn");
  // As a run in another clone.
  const Tags = [{ Key: LOCAL_RUN_TAGS.folder, Value: "/another/clone" }];
  await first.clients.sns.send(new TagResourceCommand({ ResourceArn, Tags }));
  await first.stop("SIGKILL");

  const second = await LocalRun.start("--data-dir", folder, "--stack-folder", current);
  const found = await second.clients.sns.send(new ListTagsForResourceCommand({ ResourceArn }));
  const described = (found.Tags ?? []).filter(({ Key }) => Key?.startsWith("local-run:"));
  const tag = (Key: string, Value: unknown) => ({ Key, Value });
  const command = expect.stringMatching(new RegExp(`^npm start -- (?!.*archive-interval).*${current}$`));
  expect(described).toHaveLength(3);
  expect(described).toEqual(
    expect.arrayContaining([
      tag(LOCAL_RUN_TAGS.stackFolder, current),
      tag(LOCAL_RUN_TAGS.folder, process.cwd()),
      tag(LOCAL_RUN_TAGS.command, command),
    ]),
  );
  expect(await second.stop()).toBe(0);
});

test("continues the receive count of a message after a kill -9", async () => {
  const folder = mkdtempSync(join(tmpdir(), "received-"));
  const first = await LocalRun.start("--data-dir", folder, "--delivery", "ordered");
  const queue = async (run: LocalRun, QueueName: string) =>
    (await run.clients.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  const receive = async (run: LocalRun) => {
    const QueueUrl = await queue(run, "local-events-dlq");
    const { Messages: [message] = [] } = await run.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, MessageSystemAttributeNames: ["All"] }),
    );
    return [message?.Body, message?.Attributes?.ApproximateReceiveCount];
  };
  await first.clients.sqs.send(
    new SendMessageCommand({ QueueUrl: await queue(first, "local-events-dlq"), MessageBody: "poison" }),
  );
  expect([await receive(first), await receive(first)]).toEqual([
    ["poison", "1"],
    ["poison", "2"],
  ]);
  await first.stop("SIGKILL");
  const second = await LocalRun.start("--data-dir", folder, "--delivery", "ordered");
  expect(await receive(second)).toEqual(["poison", "3"]);
  expect(await second.stop()).toBe(0);
});

test("runs the code that was changed while the run was stopped, and after the restart", async () => {
  const data = mkdtempSync(join(tmpdir(), "reloaded-"));
  const code = mkdtempSync(join(tmpdir(), "code-"));
  const write = (text: string) =>
    writeFileSync(join(code, "index.mjs"), `export const handler = async () => console.log("${text}");`);
  const folder = stackFolder(({ data: { archive_file } = {} }) =>
    Object.assign(archive_file?.event_processor ?? {}, { source_dir: code }),
  );
  const start = () => LocalRun.start("--data-dir", data, "--stack-folder", folder, "--delivery", "ordered");
  const runs = async (run: LocalRun, text: string) => {
    await publish(run, [JSON.stringify({ type: "reload" })]);
    await run.waitFor(({ kind, line }) => kind === "log" && String(line).includes(text));
  };
  write("first code");
  const first = await start();
  await runs(first, "first code");
  await first.stop("SIGKILL");
  write("second code");
  const second = await start();
  await runs(second, "second code");
  write("third code");
  await runs(second, "third code");
  expect(await second.stop()).toBe(0);
});

test("archives buffered records once after a kill -9", async () => {
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  const ids = Array.from({ length: 200 }, (_, index) => `waiting-${index}`);
  const first = await LocalRun.start("--data-dir", folder, "--archive-interval", "900");
  await publish(
    first,
    ids.map((id) => JSON.stringify({ type: "a", id })),
  );
  expect(await archivedIds(first)).toEqual(new Set());
  await first.stop("SIGKILL");

  const second = await LocalRun.start("--data-dir", folder, "--archive-interval", "0");
  expect([...(await archivedAll(second, ids))].sort()).toEqual([...ids].sort());
  await second.stop("SIGKILL");

  const third = await LocalRun.start("--data-dir", folder, "--archive-interval", "0");
  expect(await third.stop()).toBe(0);
  expect(third.hops("archived")).toEqual([]);
});

test("rejects a folder that another run uses, with a one-line error", async () => {
  const folder = mkdtempSync(join(tmpdir(), "shared-"));
  const first = await LocalRun.start("--data-dir", folder);
  const second = LocalRun.spawn("--data-dir", folder);
  expect(await second.exited).toBe(2);
  expect(second.stderr).toMatch(new RegExp(`^The local run with process ID ${first.child.pid} uses the folder ".*"`));
  expect(await first.stop()).toBe(0);
});
