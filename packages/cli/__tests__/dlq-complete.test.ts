// Each test counts the messages in the queues and in the file, not in the command's output. So no message comes twice.
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListSubscriptionsByTopicCommand } from "@aws-sdk/client-sns";
import { ChangeMessageVisibilityCommand, PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { AwsError } from "@event-pipeline/local-aws/protocols/aws-error";
import { redrivableMessage, sendAll } from "@event-pipeline/testing/dead-letters";
import { FaultyProxy, type ProxyFault, type Reaction } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { counts, receive, urlOf } from "@event-pipeline/testing/queues";
import { CliProcess, type CommandResult, records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { archivedAll, drained, storedIds } from "@event-pipeline/testing/stored-events";

const DENIED = new AwsError("AccessDenied", "no reason", 403);
const FAILED = new AwsError("InternalFailure", "no reason", 500);
const EXPIRED = new AwsError("ExpiredToken", "no reason", 403);

let run: LocalRun;
let dlq: string;
let folder: string;
let generation = 0;

beforeAll(async () => {
  run = await LocalRun.start("--delivery", "ordered");
  dlq = run.output("dlq_url");
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

beforeEach(async () => {
  generation += 1;
  folder = mkdtempSync(join(tmpdir(), "export-"));
  await run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: dlq }));
});

const file = () => join(folder, "letters.ndjson");
const dlqCommand = (...args: string[]) => runCliOn(run, ["dlq", ...args]);
/** IDs that no other test uses. */
const ids = (count: number) => Array.from({ length: count }, (_, index) => `m-${generation}-${index}`);
const put = (all: readonly string[]) =>
  sendAll(
    run.clients.sqs,
    dlq,
    all.map((id) => redrivableMessage(id)),
  );
/** Receives ten messages as another consumer. */
const hold = (VisibilityTimeout: number) => receive(run.clients.sqs, dlq, { VisibilityTimeout });
const visible = async () => (await counts(run.clients.sqs, dlq))[0];
const exportedIds = () => {
  const lines = readFileSync(file(), "utf8").split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => JSON.parse(line).event_id).sort();
};

/** Runs a command through a proxy that reacts to the requests from number `from` (0 is the first) of an action on. */
async function through(
  reactionByAction: Readonly<Record<string, Reaction | readonly [from: number, to: number, reaction: Reaction]>>,
  ...args: string[]
): Promise<CommandResult> {
  const requests: Record<string, number> = {};
  const fault: ProxyFault = ({ action }) => {
    const number = requests[action] ?? 0;
    requests[action] = number + 1;
    const reaction = reactionByAction[action];
    if (!Array.isArray(reaction)) return reaction as Reaction | undefined;
    const [from, to, react] = reaction as [number, number, Reaction];
    return number >= from && number < to ? react : undefined;
  };
  const proxy = await FaultyProxy.open(fault, run.ready.endpoint);
  try {
    return await runCli(["dlq", ...args], { environment: { AWS_ENDPOINT_URL: proxy.endpoint } });
  } finally {
    await proxy.close();
  }
}

describe("export", () => {
  test("writes no file if the response with ten messages was lost, although the SDK retries", async () => {
    await put(ids(60));
    const ran = await through({ ReceiveMessage: [0, 1, "early close"] }, "export", file());
    expect([ran.code, readdirSync(folder), await visible()]).toEqual([3, [], 50]);
    expect(ran.stderr).toMatch(/about 10 of 60 messages not seen/);
    expect(ran.stderr).toMatch(/[Rr]un again in 31 s: npx event-pipeline dlq export .*letters/);
  });

  test("writes no file while another consumer holds messages, and a whole file after --wait-for-leases", async () => {
    await put(ids(50));
    await hold(3);
    const early = await dlqCommand("export", file());
    expect([early.code, readdirSync(folder), early.stderr]).toEqual([3, [], expect.stringMatching(/10 of 50/)]);
    const late = await dlqCommand("export", file(), "--wait-for-leases");
    expect([late.code, exportedIds()]).toEqual([0, ids(50).sort()]);
    expect(await counts(run.clients.sqs, dlq)).toEqual([50, 0, 0]);
  });

  test.each<[string, Parameters<typeof through>[0], number, number, RegExp]>([
    ["is denied", { ReceiveMessage: [5, 99, DENIED] }, 4, 60, /SQS ReceiveMessage/],
    [
      "expires, as the release does",
      { ReceiveMessage: [5, 99, EXPIRED], ChangeMessageVisibilityBatch: EXPIRED },
      4,
      10,
      /expired[\s\S]*50 messages may stay invisible until 20/,
    ],
    ["fails", { ReceiveMessage: [5, 99, FAILED] }, 3, 60, /SQS ReceiveMessage/],
    ["is cut off", { ReceiveMessage: [5, 6, "truncated"] }, 3, 50, /SQS ReceiveMessage/],
  ])("leaves no file if a receive %s", async (_, faults, code, left, text) => {
    await put(ids(60));
    const ran = await through(faults, "export", file());
    expect([ran.code, readdirSync(folder), await visible()]).toEqual([code, [], left]);
    expect(ran.stderr).toMatch(text);
    expect(ran.stderr).toMatch(/[Rr]un again in 31 s: npx event-pipeline dlq export .*letters/);
  });

  test("leaves no file on a full disk", async () => {
    await put(ids(60));
    // The limit of the file's size is in blocks of 512 bytes.
    const line = `ulimit -f 8; exec ${process.execPath} dist/cli/main.mjs dlq export '${file()}' --local`;
    const ran = await CliProcess.shell(line, { AWS_ENDPOINT_URL: run.ready.endpoint }).done;
    expect([ran.code, readdirSync(folder), ran.stderr]).toEqual([3, [], expect.stringContaining("EFBIG")]);
    expect(await counts(run.clients.sqs, dlq)).toEqual([60, 0, 0]);
  });

  test("does not replace a file that appears meanwhile", async () => {
    await put(ids(3));
    const proxy = await FaultyProxy.open(({ action }) => {
      if (action === "ReceiveMessage") writeFileSync(file(), "other");
      return undefined;
    }, run.ready.endpoint);
    const ran = await runCli(["dlq", "export", file()], { environment: { AWS_ENDPOINT_URL: proxy.endpoint } });
    await proxy.close();
    expect([ran.code, readdirSync(folder), readFileSync(file(), "utf8")]).toEqual([2, ["letters.ndjson"], "other"]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s is reported as an interruption, and leaves no file", async (signal) => {
    await put(ids(200));
    let receives = 0;
    const proxy = await FaultyProxy.open(async ({ action }) => {
      if (action === "ReceiveMessage" && ++receives === 9) command.child.kill(signal);
      return undefined;
    }, run.ready.endpoint);
    const command = new CliProcess(["dlq", "export", file()], { AWS_ENDPOINT_URL: proxy.endpoint });
    const ran = await command.done;
    await proxy.close();
    expect([ran.code, readdirSync(folder)]).toEqual([130, []]);
    expect(ran.stderr).toMatch(/Interrupted\.[\s\S]*about \d+ of 200 messages not seen/);
    expect(await counts(run.clients.sqs, dlq)).toEqual([200, 0, 0]);
  });
});

describe("purge --exported", () => {
  test("deletes exactly the exported messages", async () => {
    await put(ids(40));
    expect((await dlqCommand("export", file())).code).toBe(0);
    const later = ids(45).slice(40);
    await put(later);
    // A message whose content differs is not in the file, even if its ID is.
    const lines = readFileSync(file(), "utf8").replace("ünïcödé", "other");
    writeFileSync(file(), lines);
    const dry = await dlqCommand("purge", "--exported", file(), "--dry-run", "--json");
    expect([dry.code, records(dry)]).toEqual([0, [expect.objectContaining({ would_delete: 39, only_in_queue: 6 })]]);
    expect(await counts(run.clients.sqs, dlq)).toEqual([45, 0, 0]);
    const ran = await dlqCommand("purge", "--exported", file(), "--yes", "--json");
    expect([ran.code, records(ran)]).toEqual([
      0,
      [{ deleted: 39, not_deleted: 0, only_in_file: 1, only_in_queue: 6, not_seen: 0 }],
    ]);
    expect(await counts(run.clients.sqs, dlq)).toEqual([6, 0, 0]);
    // The second time, nothing of the file is left.
    expect((await dlqCommand("purge", "--exported", file(), "--yes")).code).toBe(0);
  });

  test("exits with 3 while another consumer holds an exported message", async () => {
    await put(ids(50));
    await dlqCommand("export", file());
    await hold(300);
    const ran = await dlqCommand("purge", "--exported", file(), "--yes");
    expect([ran.code, await counts(run.clients.sqs, dlq)]).toEqual([3, [0, 10, 0]]);
    expect(ran.stderr).toMatch(/40 of 50 .*deleted[\s\S]*about 10 of 50/);
  });

  test("reports a deletion that is denied", async () => {
    await put(ids(40));
    await dlqCommand("export", file());
    const ran = await through({ DeleteMessageBatch: DENIED }, "purge", "--exported", file(), "--yes");
    expect([ran.code, await visible()]).toEqual([4, 40]);
    expect(ran.stderr).toContain("SQS DeleteMessageBatch");
  });

  test("deletes nothing if the file is not a whole export of the queue", async () => {
    await put(ids(5));
    await dlqCommand("export", file());
    const lines = readFileSync(file(), "utf8");
    const invalid = {
      cut: lines.slice(0, -10),
      "without its last line break": lines.slice(0, -1),
      "of another queue": lines.replaceAll("local-events-dlq", "local-alerts-dlq"),
      "with another line": `${lines}{"type":"scan.done"}\n`,
      text: "letters\n",
    };
    for (const [name, content] of Object.entries(invalid)) {
      writeFileSync(file(), content);
      const { code, stderr } = await dlqCommand("purge", "--exported", file(), "--yes");
      expect([name, code, stderr]).toEqual([name, 2, expect.stringContaining("Nothing was deleted.")]);
    }
    expect(await counts(run.clients.sqs, dlq)).toEqual([5, 0, 0]);
  });

  test("requires a confirmation and a file that exists", async () => {
    await put(ids(1));
    expect((await dlqCommand("purge", "--exported", file(), "--yes")).code).toBe(2);
    await dlqCommand("export", file());
    expect((await dlqCommand("purge", "--exported", file())).code).toBe(2);
    expect((await dlqCommand("purge", "local-alerts-dlq", "--exported", file(), "--yes")).code).toBe(2);
    expect(await visible()).toBe(1);
  });
});

test("purge says how many messages are in flight, and that it does not know of exports", async () => {
  await put(ids(50));
  await hold(300);
  const ran = await dlqCommand("purge", "local-events-dlq", "--yes");
  expect(ran.stderr).toMatch(/about 50 messages, 10 of them in flight.*exported/);
  expect(await counts(run.clients.sqs, dlq)).toEqual([0, 0, 0]);
});

test("purge does not call it a failure if the response to its own request was lost", async () => {
  await put(ids(3));
  let requests = 0;
  const inProgress = new AwsError("AWS.SimpleQueueService.PurgeQueueInProgress", "once every 60 seconds", 403);
  const proxy = await FaultyProxy.open(({ action }) => {
    if (action !== "PurgeQueue") return undefined;
    requests += 1;
    return requests === 1 ? "early close" : inProgress;
  }, run.ready.endpoint);
  const purge = () =>
    runCli(["dlq", "purge", "local-events-dlq", "--yes"], { environment: { AWS_ENDPOINT_URL: proxy.endpoint } });
  const [first, second] = [await purge(), await purge()];
  await proxy.close();
  expect([first.code, first.stderr]).toEqual([3, expect.stringContaining("may have begun to delete about 3")]);
  expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("less than 60 seconds ago")]);
  expect(await visible()).toBe(0);
});

test.each([["list"], ["show", "nobody"], ["redrive", "--dry-run"], ["export", "-"]])(
  "%j exits with 3 while another consumer holds messages",
  async (...args) => {
    await put(ids(50));
    const held = await hold(300);
    const ran = await dlqCommand(...args);
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringMatching(/about 10 of 50/)]);
    for (const { ReceiptHandle } of held) {
      const command = new ChangeMessageVisibilityCommand({ QueueUrl: dlq, ReceiptHandle, VisibilityTimeout: 0 });
      await run.clients.sqs.send(command);
    }
    expect((await dlqCommand(...args)).code).toBe(args.includes("nobody") ? 1 : 0);
  },
);

test("list says until when messages stay invisible if their release is denied", async () => {
  await put(ids(40));
  const ran = await through({ ChangeMessageVisibilityBatch: DENIED }, "list", "--json");
  expect([ran.code, await counts(run.clients.sqs, dlq)]).toEqual([3, [0, 40, 0]]);
  expect(ran.stderr).toMatch(/40 messages may stay invisible until 20\S+Z/);
});

describe("redrive", () => {
  test("says which messages another consumer holds, and waits for them with --wait-for-leases", async () => {
    await put(ids(60));
    await hold(4);
    const early = await dlqCommand("redrive", "--yes", "--json");
    expect([early.code, records(early)]).toEqual([
      3,
      [expect.objectContaining({ sent: 50, deleted: 50, not_seen: 10 })],
    ]);
    await put(ids(65).slice(60));
    const late = await dlqCommand("redrive", "--yes", "--wait-for-leases", "--json");
    expect([late.code, records(late)]).toEqual([0, [expect.objectContaining({ sent: 15, not_seen: 0 })]]);
    await drained(run, run.output("queue_url"));
    const stored = await storedIds(run);
    expect(ids(65).filter((id) => !stored.has(id))).toEqual([]);
  });

  test("two at the same time send each message once", async () => {
    await put(ids(300));
    const both = await Promise.all([
      dlqCommand("redrive", "--yes", "--json"),
      dlqCommand("redrive", "--yes", "--json"),
    ]);
    const sent = both.map((ran) => records(ran)[0].sent);
    expect(sent[0] + sent[1]).toBe(300);
    expect(await counts(run.clients.sqs, dlq)).toEqual([0, 0, 0]);
  });

  test("stops after one batch if deletions are denied, and says how many messages are in both queues", async () => {
    await put(ids(60));
    const ran = await through({ DeleteMessageBatch: DENIED }, "redrive", "--yes", "--json");
    expect([ran.code, await visible()]).toEqual([4, 60]);
    await drained(run, run.output("queue_url"));
    const stored = await storedIds(run);
    const inBoth = ids(60).filter((id) => stored.has(id)).length;
    expect(inBoth).toBe(10);
    expect(records(ran)).toEqual([expect.objectContaining({ sent: 10, deleted: 0, also_still_there: 10 })]);
    expect(ran.stderr).toMatch(
      /10 of these not deleted: they are in the dead-letter queue too[\s\S]*SQS DeleteMessageBatch/,
    );
  });

  test.each<[string, Reaction, number, RegExp]>([
    ["is denied", DENIED, 4, /10 of 40[\s\S]*SQS SendMessageBatch/],
    ["expires", EXPIRED, 4, /10 of 40[\s\S]*expired/],
    ["fails", FAILED, 3, /10 may have been sent[\s\S]*SQS SendMessageBatch/],
    ["is cut off", "truncated", 3, /10 may have been sent[\s\S]*SQS SendMessageBatch/],
  ])("prints what was sent if a send %s after the first batch", async (_, reaction, code, text) => {
    await put(ids(60));
    const ran = await through({ SendMessageBatch: [1, 99, reaction] }, "redrive", "--yes", "--json");
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(text)]);
    const [{ sent, deleted }] = records(ran);
    expect([sent, deleted, await visible()]).toEqual([10, 10, 50]);
  });

  test("says what was sent if --wait cannot read the table", async () => {
    await put(ids(30));
    const ran = await through({ BatchGetItem: DENIED }, "redrive", "--yes", "--wait", "--json");
    expect([ran.code, records(ran)]).toEqual([4, [expect.objectContaining({ sent: 30, deleted: 30, pending: 30 })]]);
    expect(ran.stderr).toMatch(/30 of 30[\s\S]*outcome is not known[\s\S]*DynamoDB BatchGetItem/);
    expect(await counts(run.clients.sqs, dlq)).toEqual([0, 0, 0]);
  });

  test("says until when messages stay invisible if the credentials expire", async () => {
    await put(ids(60));
    const ran = await through(
      {
        SendMessageBatch: [2, 99, EXPIRED],
        DeleteMessageBatch: [2, 99, EXPIRED],
        ChangeMessageVisibilityBatch: EXPIRED,
      },
      "redrive",
      "--yes",
      "--json",
    );
    expect(ran.code).toBe(4);
    const [{ deleted, still_leased }] = records(ran);
    const [shown = 0, inFlight] = await counts(run.clients.sqs, dlq);
    expect([deleted, inFlight]).toEqual([20, still_leased]);
    // Run again at once: the leased messages are not passed over in silence.
    const again = await dlqCommand("redrive", "--yes", "--json");
    expect([again.code, records(again)]).toEqual([
      3,
      [expect.objectContaining({ sent: shown, not_seen: still_leased })],
    ]);
  });
});

describe("redrive of undelivered events", () => {
  const undelivered = async () => urlOf(run.clients.sqs, "local-events-undelivered");
  const arnOf = async (protocol: string) => {
    const { Subscriptions = [] } = await run.clients.sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: run.output("topic_arn") }),
    );
    return Subscriptions.find(({ Protocol }) => Protocol === protocol)?.SubscriptionArn;
  };
  const message = (id: string, arn: string | undefined) => ({
    MessageBody: envelopeOf(JSON.stringify({ type: "undelivered", id }), {
      Timestamp: new Date().toISOString(),
      UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    }),
  });

  beforeEach(async () => {
    await run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: await undelivered() }));
  });

  test.each<[string, string, number]>([
    ["SendMessageBatch", "archived", 15],
    ["PutRecord", "stored", 15],
  ])("delivers to the other destination if %s is denied", async (action, _, left) => {
    const [queue, stream] = [await arnOf("sqs"), await arnOf("firehose")];
    const all = ids(30);
    await sendAll(
      run.clients.sqs,
      await undelivered(),
      all.map((id, index) => message(id, index < 15 ? queue : stream)),
    );
    const ran = await through({ [action]: DENIED }, "redrive", "--queue", "undelivered", "--yes", "--json");
    expect(ran.code).toBe(4);
    expect(records(ran)).toEqual([expect.objectContaining({ sent: 15, deleted: 15 })]);
    expect(ran.stderr.match(new RegExp(`${action}\\b`, "g"))).toHaveLength(1);
    expect(await counts(run.clients.sqs, await undelivered())).toEqual([left, 0, 0]);
    await drained(run, run.output("queue_url"));
    const done = action === "PutRecord" ? await storedIds(run) : await archivedAll(run, all.slice(15));
    expect(all.filter((id) => done.has(id))).toEqual(action === "PutRecord" ? all.slice(0, 15) : all.slice(15));
  });

  test("names the destinations of a message that only one of them accepted", async () => {
    const gone = `${run.output("topic_arn")}:00000000-0000-4000-8000-000000000000`;
    await sendAll(
      run.clients.sqs,
      await undelivered(),
      ids(3).map((id) => message(id, gone)),
    );
    const ran = await through({ PutRecord: DENIED }, "redrive", "--queue", "undelivered", "--yes", "--json");
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(/3 .*sent to local-events-queue, but not sent to local-events-raw/);
    await drained(run, run.output("queue_url"));
    // The next redrive finds them in the table, and sends them only to the stream.
    const processed = run.hops("processed").length;
    const again = await dlqCommand("redrive", "--queue", "undelivered", "--yes");
    expect([again.code, await counts(run.clients.sqs, await undelivered())]).toEqual([0, [0, 0, 0]]);
    await archivedAll(run, ids(3));
    expect(run.hops("processed")).toHaveLength(processed);
  });
});

test("an export of an empty queue is complete", async () => {
  const ran = await dlqCommand("export", file());
  expect([ran.code, existsSync(file()), exportedIds()]).toEqual([0, true, []]);
  expect((await dlqCommand("purge", "--exported", file(), "--yes")).code).toBe(0);
});
