import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListSubscriptionsByTopicCommand, PublishCommand } from "@aws-sdk/client-sns";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { redrivableMessage, sendAll } from "@event-pipeline/testing/dead-letters";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { counts, receive } from "@event-pipeline/testing/queues";
import { CliProcess, records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { archivedAll, drained, moveToSnsTime, storedIds } from "@event-pipeline/testing/stored-events";

let run: LocalRun;
let dlq: string;

beforeAll(async () => {
  run = await LocalRun.start("--delivery", "ordered");
  dlq = run.output("dlq_url");
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

beforeEach(async () => {
  await run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: dlq }));
});

const dlqCommand = (...args: string[]) => runCliOn(run, ["dlq", ...args]);
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const messagesInDlq = async () => (await counts(run.clients.sqs, dlq)).reduce((sum, each) => sum + each, 0);
const put = (...messages: Parameters<typeof sendAll>[2]) => sendAll(run.clients.sqs, dlq, messages);
const refused = {
  MessageBody: "not an envelope",
  MessageAttributes: { error_code: { DataType: "String", StringValue: "NOT_AN_ENVELOPE" } },
};

test("a filter that matches no message names the messages' codes, and exits with 1 unless the queue is empty", async () => {
  const calls = [["list"], ["redrive", "--yes"], ["redrive", "--dry-run"]].map((args) => [...args, "--code", "NOPE"]);
  for (const args of calls) expect((await dlqCommand(...args)).code).toBe(0);
  await put(redrivableMessage("one"), refused, { MessageBody: "moved by SQS" });
  for (const args of calls) {
    const { code, stderr } = await dlqCommand(...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(": NOT_AN_ENVELOPE, REFUSED_BY_DYNAMODB, none.")]);
  }
  expect(await messagesInDlq()).toBe(3);
});

/** Returns the arguments that bash passes to npx for each command in a text: they follow `: `, at the end of a line. */
function printedCommands(text: string): string[][] {
  const lines = [...text.matchAll(/: (npx event-pipeline .+)$/gm)].map(([, line]) => line);
  const npx = 'npx() { shift; printf "%s\\0" "$@"; printf "\\001\\0"; }';
  const read = execFileSync("bash", ["-c", [npx, ...lines].join("\n")], { encoding: "utf8" });
  return read
    .split("\u0001\0")
    .slice(0, -1)
    .map((line) => line.split("\0").slice(0, -1));
}

const HOSTILE = ["it's $(id)", "--json", "two\nlines\\", "none"];

test("each command that dlq list prints selects exactly its group, for any code, type and ID", async () => {
  const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
  await put({ MessageBody: "moved by SQS" });
  for (const [index, text] of HOSTILE.entries()) {
    const refusal = { error_code: attribute(text), sns_message_id: attribute(text) };
    const event = { MessageBody: envelopeOf(JSON.stringify({ type: text }), { MessageId: `--${index}` }) };
    await put({ MessageBody: "no envelope", MessageAttributes: refusal }, event);
  }
  for (const text of HOSTILE) {
    for (const by of ["code", "type"]) {
      const { stderr } = await dlqCommand("list", "--by", by, `--${by}=${text}`);
      const [show = [], redrive = [], ...others] = printedCommands(stderr);
      const commands = [show.slice(0, 2), redrive.slice(0, 2), ...others];
      expect([text, stderr, commands]).toEqual([
        text,
        stderr,
        [
          ["dlq", "show"],
          ["dlq", "redrive"],
        ],
      ]);
      if (by === "code") expect(records(await runCli(["--json", ...show])).length).toBe(1);
      const would_send = by === "code" && text === "none" ? 2 + HOSTILE.length : 1;
      expect(records(await runCli([...redrive, "--dry-run", "--json"]))).toMatchObject([{ would_send }]);
    }
  }
  const other = await dlqCommand("show", "--", "--9");
  const explained = await runCliOn(run, ["events", "show", "--since", "1s", "--", "--0"]);
  const [events = [], show = [], redrive = []] = printedCommands(other.stderr + explained.stderr);
  expect((await runCli(events)).stdout).toContain("--9 was not found");
  expect((await runCli(["--json", ...show])).code).toBe(0);
  expect(records(await runCli([...redrive, "--dry-run", "--json"]))).toEqual([{ would_send: 1 }]);
}, 60_000);

test("prints no command for messages that no filter selects, and one or two for each other group", async () => {
  await put({ MessageBody: "moved by SQS" }, { MessageBody: "moved by SQS" }, refused, redrivableMessage("one"), {
    MessageBody: envelopeOf('{"type":"a\\u0000b"}'),
  });
  const commandsFor = async (by: string) => {
    const { stderr } = await dlqCommand("list", "--by", by);
    return printedCommands(stderr).map((words) => words.slice(1, 4).join(" "));
  };
  const [show, ...byType] = await commandsFor("type");
  expect([show, byType]).toEqual([expect.stringMatching(/^show /), ["redrive --type redrivable"]]);
  expect((await commandsFor("code")).slice(1).sort()).toEqual([
    "export --code NOT_AN_ENVELOPE",
    "redrive --code NOT_AN_ENVELOPE",
    "redrive --code REFUSED_BY_DYNAMODB",
    "redrive --code none",
  ]);
});

test("redrives the messages with the given code, and leaves the others unchanged", async () => {
  const redriven = ids("two", 100);
  await put(...redriven.map((id) => redrivableMessage(id)), ...ids("p", 100).map(() => refused));

  const listed = await dlqCommand("list", "--json");
  expect(listed.code).toBe(0);
  expect(
    records(listed)
      .map(({ code, count }) => [code, count])
      .sort(),
  ).toEqual([
    ["NOT_AN_ENVELOPE", 100],
    ["REFUSED_BY_DYNAMODB", 100],
  ]);
  expect(listed.stderr).toMatch(/\b200 of about 200\b/);
  expect(await counts(run.clients.sqs, dlq)).toEqual([200, 0, 0]);
  expect(records(await dlqCommand("list", "--by", "type", "--json"))).toContainEqual(
    expect.objectContaining({ type: "redrivable", count: 100 }),
  );

  const dry = await dlqCommand("redrive", "--code", "REFUSED_BY_DYNAMODB", "--dry-run", "--json");
  expect(records(dry)).toEqual([{ would_send: 100 }]);

  const ran = await dlqCommand("redrive", "--code", "REFUSED_BY_DYNAMODB", "--yes", "--wait", "--json");
  expect(records(ran)).toEqual([
    {
      sent: 100,
      deleted: 100,
      seen: 200,
      not_seen: 0,
      failed: {},
      stored: 100,
      consumed: 0,
      pending: 0,
      came_back: {},
    },
  ]);
  expect(ran.code).toBe(0);
  const stored = await storedIds(run);
  expect(redriven.filter((id) => !stored.has(id))).toEqual([]);
  expect(records(await dlqCommand("list", "--json")).map(({ code, count }) => [code, count])).toEqual([
    ["NOT_AN_ENVELOPE", 100],
  ]);
}, 60_000);

test("reports messages that return, by code, and exits with 3", async () => {
  await put(refused, refused, redrivableMessage("does-not-return"));
  const ran = await dlqCommand("redrive", "--yes", "--wait", "--json");
  expect(records(ran)).toMatchObject([{ stored: 1, came_back: { NOT_AN_ENVELOPE: 2 } }]);
  expect([ran.code, ran.stderr]).toEqual([3, expect.stringMatching(/\b2\b.*NOT_AN_ENVELOPE/)]);
  expect(await messagesInDlq()).toBeGreaterThanOrEqual(2);
});

test("counts a message once if it returns during the redrive", async () => {
  await put(...ids("refused", 30).map(() => refused));
  const [{ sent, seen, came_back }] = records(await dlqCommand("redrive", "--yes", "--rate", "30", "--wait", "--json"));
  expect([sent, seen, came_back]).toEqual([30, 30, { NOT_AN_ENVELOPE: 30 }]);
});

test("loses no message if the redrive is killed", async () => {
  const all = ids("killed", 200);
  await put(...all.map((id) => redrivableMessage(id)));
  const before = run.idsOf("processed").size;
  const command = new CliProcess(["dlq", "redrive", "--yes", "--rate", "100"], {
    AWS_ENDPOINT_URL: run.ready.endpoint,
  });
  await run.until(() => run.idsOf("processed").size > before + 30);
  command.child.kill("SIGKILL");
  await command.done;
  await drained(run, run.output("queue_url"));
  const stored = await storedIds(run);
  const storedOfAll = all.filter((id) => stored.has(id)).length;
  expect(storedOfAll).toBeGreaterThanOrEqual(30);
  expect(storedOfAll).toBeLessThan(200);
  // Messages that the killed process leased are in flight until their visibility timeout ends.
  expect(storedOfAll + (await messagesInDlq())).toBeGreaterThanOrEqual(200);
});

test("Ctrl-C makes the remaining messages visible at once", async () => {
  await put(...ids("interrupted", 200).map((id) => redrivableMessage(id)));
  const before = run.idsOf("processed").size;
  const command = new CliProcess(["dlq", "redrive", "--yes", "--rate", "50", "--json"], {
    AWS_ENDPOINT_URL: run.ready.endpoint,
  });
  await run.until(() => run.idsOf("processed").size > before + 10);
  command.child.kill("SIGINT");
  const ran = await command.done;
  expect(ran.code).toBe(130);
  const [{ sent }] = records(ran);
  expect(await counts(run.clients.sqs, dlq)).toEqual([200 - sent, 0, 0]);
});

test("show finds a message by any of its IDs, and exits with 1 if there is none", async () => {
  await put(redrivableMessage("shown"), refused);
  const [message] = records(await dlqCommand("show", "shown", "--json"));
  expect(message).toMatchObject({
    event_id: "shown",
    event_type: "redrivable",
    error_code: "REFUSED_BY_DYNAMODB",
    message_attributes: { own: { type: "Number.int", value: "7" } },
  });
  for (const id of [message.sqs_message_id, message.sns_message_id, "was-shown"]) {
    expect((await dlqCommand("show", id)).stdout).toContain("The item was too large.");
  }
  const missing = await dlqCommand("show", "nobody");
  expect([missing.code, missing.stdout]).toEqual([1, ""]);
  expect(missing.stderr).toContain("nobody");
});

test("a redrive keeps the sender's body and attributes, and removes attributes from the handler", async () => {
  const own = Object.fromEntries(
    ids("attribute", 9).map((name) => [name, { DataType: "Binary.x", BinaryValue: Buffer.from(`${name} \u0000 ü`) }]),
  );
  const error_code = { DataType: "String", StringValue: "OTHER" };
  await put({
    MessageBody: `{"not":"an envelope","text":"${"é😀".repeat(30_000)}"}`,
    MessageAttributes: { ...own, error_code },
  });
  expect((await dlqCommand("redrive", "--yes", "--wait")).code).toBe(3);
  const [back] = await receive(run.clients.sqs, dlq);
  expect(back?.Body).toBe(`{"not":"an envelope","text":"${"é😀".repeat(30_000)}"}`);
  const kept = Object.entries(back?.MessageAttributes ?? {}).filter(([name]) => name.startsWith("attribute-"));
  expect(kept.length).toBeGreaterThan(5);
  for (const [name, { DataType, BinaryValue }] of kept) {
    expect([DataType, Buffer.from(BinaryValue ?? [])]).toEqual(["Binary.x", Buffer.from(`${name} \u0000 ü`)]);
  }
});

test("export writes ndjson to a new file or to stdout, and leaves the queue unchanged", async () => {
  await put(...ids("exported", 25).map((id) => redrivableMessage(id)));
  const file = join(mkdtempSync(join(tmpdir(), "export-")), "letters.ndjson");
  const { code, stderr } = await dlqCommand("export", file);
  expect([code, stderr]).toEqual([0, expect.stringContaining(file)]);
  const lines = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ event_id }) => event_id).sort()).toEqual(ids("exported", 25).sort());
  expect((await dlqCommand("export", file)).code).toBe(2);
  expect(records(await dlqCommand("export", "-", "--id", "exported-7"))).toEqual([
    lines.find(({ event_id }) => event_id === "exported-7") && expect.objectContaining({ event_id: "exported-7" }),
  ]);
  expect(await counts(run.clients.sqs, dlq)).toEqual([25, 0, 0]);
});

test("purge requires the queue's full name", async () => {
  await put(...ids("purged", 5).map((id) => redrivableMessage(id)));
  for (const args of [[], ["--yes"], ["local-events-queue", "--yes"]]) {
    expect((await dlqCommand("purge", ...args)).code).toBe(2);
  }
  expect((await dlqCommand("purge", "--dry-run")).stderr).toMatch(/local-events-dlq\b.*\b5\b/);
  expect(await messagesInDlq()).toBe(5);
  expect((await dlqCommand("purge", "local-events-dlq", "--yes")).code).toBe(0);
  expect(await messagesInDlq()).toBe(0);
});

test.each([
  [["list", "--by", "colour"], 2, "code, type"],
  [["list", "--queue", "No Such"], 2, "No Such"],
  [["list", "--queue", "alerts"], 1, "local-alerts-dlq"],
  [["redrive", "--yes", "--queue", "alerts"], 1, "--queue"],
  [["purge", "--dry-run", "--queue", "local-alerts-dlq"], 1, "--queue"],
  [["redrive"], 2, "--yes"],
  [["redrive", "--yes", "--rate", "0"], 2, "--rate"],
  [["redrive", "--yes", "--queue", "undelivered", "--wait"], 2, "--wait"],
])("dlq %j exits with %i and names %s", async (args, code, message) => {
  const ran = await dlqCommand(...args);
  expect([ran.code, ran.stdout]).toEqual([code, ""]);
  expect(ran.stderr).toContain(message);
});

test("list of an empty queue prints nothing", async () => {
  expect(await dlqCommand("list")).toMatchObject({ code: 0, stdout: "" });
});

describe("undelivered events", () => {
  const undelivered = () => run.output("dlq_url").replace("events-dlq", "events-undelivered");
  const subscriptionOf = async (endpoint: RegExp) => {
    const { Subscriptions = [] } = await run.clients.sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: run.output("topic_arn") }),
    );
    return Subscriptions.find(({ Endpoint = "" }) => endpoint.test(Endpoint));
  };
  const undeliveredTo = (id: string, arn: string | undefined) => ({
    MessageBody: envelopeOf(JSON.stringify({ type: "undelivered", id }), {
      Timestamp: new Date().toISOString(),
      UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    }),
  });

  test("are sent to their subscriptions; a message without a subscription stays", async () => {
    const queue = await subscriptionOf(/:local-events-queue$/);
    const stream = await subscriptionOf(/firehose/);
    await sendAll(run.clients.sqs, undelivered(), [
      undeliveredTo("for-the-queue", queue?.SubscriptionArn),
      undeliveredTo("for-the-archive", stream?.SubscriptionArn),
      { MessageBody: "raw" },
    ]);
    const ran = await dlqCommand("redrive", "--queue", "undelivered", "--yes", "--json");
    expect([ran.code, records(ran)]).toEqual([3, [expect.objectContaining({ sent: 2, seen: 3 })]]);
    expect(await counts(run.clients.sqs, undelivered())).toEqual([1, 0, 0]);
    await drained(run, run.output("queue_url"));
    expect((await storedIds(run)).has("for-the-queue")).toBe(true);
    expect((await storedIds(run)).has("for-the-archive")).toBe(false);
    const archived = await archivedAll(run, ["for-the-archive"]);
    expect([...archived].filter((id) => id.startsWith("for-"))).toEqual(["for-the-archive"]);
  });

  test("are sent to the targets that do not have them if their subscription was deleted", async () => {
    await run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: undelivered() }));
    const gone = `${run.output("topic_arn")}:00000000-0000-4000-8000-000000000000`;
    const everywhere = await Promise.all(
      ['{"type":"everywhere"}', '{"type":"former","time":1767323045}'].map(async (Message) => {
        const TopicArn = run.output("topic_arn");
        const id = String((await run.clients.sns.send(new PublishCommand({ TopicArn, Message }))).MessageId);
        for (const kind of ["archived", "stored"] as const) await run.waitForHop(id, kind);
        // An earlier handler stored it under SNS's time.
        if (Message.includes("former")) await moveToSnsTime(run, id);
        return records(await runCliOn(run, ["archive", "get", "--id", id]))[0];
      }),
    );
    const UnsubscribeURL = `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${gone}`;
    await sendAll(run.clients.sqs, undelivered(), [
      undeliveredTo("in-neither", gone),
      ...everywhere.map((envelope) => ({ MessageBody: JSON.stringify({ ...envelope, UnsubscribeURL }) })),
    ]);
    const ran = await dlqCommand("redrive", "--queue", "undelivered", "--yes", "--json");
    expect([ran.code, records(ran)]).toEqual([3, [expect.objectContaining({ sent: 1, seen: 3 })]]);
    expect(ran.stderr).toContain(gone);
    await drained(run, run.output("queue_url"));
    expect((await storedIds(run)).has("in-neither")).toBe(true);
    expect((await archivedAll(run, ["in-neither"])).has("in-neither")).toBe(true);
  });
});
