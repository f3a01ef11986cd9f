import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ListSubscriptionsByTopicCommand, PublishCommand } from "@aws-sdk/client-sns";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { mendedLetter, sendAll } from "@event-pipeline/testing/dead-letters";
import { archivedIds, drained, storedIds } from "@event-pipeline/testing/kept-events";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { Operator, operatorOf, records } from "@event-pipeline/testing/operator";
import { counts, receive } from "@event-pipeline/testing/queues";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";

let run: LocalRun;
let dlq: string;

beforeAll(async () => {
  run = await LocalRun.start();
  dlq = run.output("dlq_url");
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

beforeEach(async () => {
  await run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: dlq }));
});

const dlqCommand = (...args: string[]) => operatorOf(run, ["dlq", ...args]);
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const held = async () => (await counts(run.clients.sqs, dlq)).reduce((sum, each) => sum + each, 0);
const put = (...letters: Parameters<typeof sendAll>[2]) => sendAll(run.clients.sqs, dlq, letters);
const poison = {
  MessageBody: "no envelope",
  MessageAttributes: { error_code: { DataType: "String", StringValue: "NOT_AN_ENVELOPE" } },
};

test("two hundred letters of two reasons: one is taken back and stored, the other stays as it is", async () => {
  const mended = ids("two", 100);
  await put(...mended.map((id) => mendedLetter(id)), ...ids("p", 100).map(() => poison));

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
  expect(listed.stderr).toContain("Saw 200 of about 200 messages, and gave them back.");
  expect(await counts(run.clients.sqs, dlq)).toEqual([200, 0, 0]);
  expect(records(await dlqCommand("list", "--by", "type", "--json"))).toContainEqual(
    expect.objectContaining({ type: "mended", count: 100 }),
  );

  const dry = await dlqCommand("redrive", "--code", "REFUSED_BY_DYNAMODB", "--dry-run", "--json");
  expect(records(dry)).toEqual([{ would_send: 100 }]);

  const redriven = await dlqCommand("redrive", "--code", "REFUSED_BY_DYNAMODB", "--yes", "--wait", "--json");
  expect(records(redriven)).toEqual([
    { sent: 100, seen: 200, failed: {}, stored: 100, consumed: 0, pending: 0, came_back: {} },
  ]);
  expect([redriven.code, redriven.stderr]).toEqual([0, expect.stringContaining("100 are stored.")]);
  const stored = await storedIds(run);
  expect(mended.filter((id) => !stored.has(id))).toEqual([]);
  expect(records(await dlqCommand("list", "--json")).map(({ code, count }) => [code, count])).toEqual([
    ["NOT_AN_ENVELOPE", 100],
  ]);
}, 60_000);

test("what comes back is said, with its reason, and ends in exit code 3", async () => {
  await put(poison, poison, mendedLetter("comes-not-back"));
  const { code, stderr } = await dlqCommand("redrive", "--yes", "--wait", "20");
  expect(stderr).toContain("1 are stored.");
  expect(stderr).toContain("2 came back: NOT_AN_ENVELOPE.");
  expect(code).toBe(3);
  expect(await held()).toBe(2);
});

test("what comes back at once is counted once, though the redrive itself sees it again", async () => {
  await put(...ids("poison", 30).map(() => poison));
  const [{ sent, seen, came_back }] = records(await dlqCommand("redrive", "--yes", "--rate", "30", "--wait", "--json"));
  expect([sent, seen, came_back]).toEqual([30, 30, { NOT_AN_ENVELOPE: 30 }]);
});

test("a kill in the middle of a redrive loses none", async () => {
  const all = ids("killed", 200);
  await put(...all.map((id) => mendedLetter(id)));
  const before = run.hops("processed").length;
  const command = new Operator(["dlq", "redrive", "--yes", "--rate", "100"], {
    AWS_ENDPOINT_URL: run.ready.endpoint,
  });
  await run.until(() => run.hops("processed").length > before + 30);
  command.child.kill("SIGKILL");
  await command.done;
  await sleep(500); // What was sent is stored.
  const stored = await storedIds(run);
  const storedOfAll = all.filter((id) => stored.has(id)).length;
  expect(storedOfAll).toBeGreaterThan(30);
  expect(storedOfAll).toBeLessThan(200);
  // Those that the process held are in flight until SQS gives them back.
  expect(storedOfAll + (await held())).toBeGreaterThanOrEqual(200);
});

test("Ctrl-C gives everything back at once and says so", async () => {
  await put(...ids("interrupted", 200).map((id) => mendedLetter(id)));
  const before = run.hops("processed").length;
  const command = new Operator(["dlq", "redrive", "--yes", "--rate", "50"], { AWS_ENDPOINT_URL: run.ready.endpoint });
  await run.until(() => run.hops("processed").length > before + 10);
  command.child.kill("SIGINT");
  const { code, stderr } = await command.done;
  const sent = Number(/^(\d+) sent/m.exec(stderr)?.[1]);
  expect([code, stderr]).toEqual([130, expect.stringContaining("Interrupted")]);
  expect(await counts(run.clients.sqs, dlq)).toEqual([200 - sent, 0, 0]);
});

test("two redrives side by side send each letter, and neither sends what the other has", async () => {
  await put(...ids("side", 300).map((id) => mendedLetter(id)));
  const both = await Promise.all([dlqCommand("redrive", "--yes", "--json"), dlqCommand("redrive", "--yes", "--json")]);
  const sent = both.map((ran) => records(ran)[0].sent);
  expect(sent[0] + sent[1]).toBe(300);
  expect(await held()).toBe(0);
});

test("a letter is shown by any of its ids, and one that is not there ends in exit code 1", async () => {
  await put(mendedLetter("shown"), poison);
  const [letter] = records(await dlqCommand("show", "shown", "--json"));
  expect(letter).toMatchObject({
    event_id: "shown",
    event_type: "mended",
    error_code: "REFUSED_BY_DYNAMODB",
    message_attributes: { own: { type: "Number.int", value: "7" } },
  });
  for (const id of [letter.sqs_message_id, letter.sns_message_id, "was-shown"]) {
    expect((await dlqCommand("show", id)).stdout).toContain("It was too much.");
  }
  const missing = await dlqCommand("show", "nobody");
  expect([missing.code, missing.stdout]).toEqual([1, ""]);
  expect(missing.stderr).toContain("No dead letter has the id nobody");
});

test("a letter goes back with its body and attributes as they were, less what the handler wrote", async () => {
  const own = Object.fromEntries(
    ids("attribute", 9).map((name) => [name, { DataType: "Binary.x", BinaryValue: Buffer.from(`${name} \u0000 ü`) }]),
  );
  const error_code = { DataType: "String", StringValue: "OTHER" };
  await put({
    MessageBody: `{"not":"an envelope","text":"${"é😀".repeat(30_000)}"}`,
    MessageAttributes: { ...own, error_code },
  });
  expect((await dlqCommand("redrive", "--yes", "--wait", "20")).code).toBe(3);
  const [back] = await receive(run.clients.sqs, dlq);
  expect(back?.Body).toBe(`{"not":"an envelope","text":"${"é😀".repeat(30_000)}"}`);
  const kept = Object.entries(back?.MessageAttributes ?? {}).filter(([name]) => name.startsWith("attribute-"));
  expect(kept.length).toBeGreaterThan(5);
  for (const [name, { DataType, BinaryValue }] of kept) {
    expect([DataType, Buffer.from(BinaryValue ?? [])]).toEqual(["Binary.x", Buffer.from(`${name} \u0000 ü`)]);
  }
});

test("an export is ndjson, into a new file or to stdout, and leaves the queue as it is", async () => {
  await put(...ids("exported", 25).map((id) => mendedLetter(id)));
  const file = join(mkdtempSync(join(tmpdir(), "export-")), "letters.ndjson");
  const { code, stderr } = await dlqCommand("export", file);
  expect([code, stderr]).toEqual([0, expect.stringContaining(`Wrote 25 messages to ${file}.`)]);
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

test("a purge wants the queue's own name, and nothing less", async () => {
  await put(...ids("purged", 5).map((id) => mendedLetter(id)));
  for (const args of [[], ["--yes"], ["local-events-queue", "--yes"]]) {
    expect((await dlqCommand("purge", ...args)).code).toBe(2);
  }
  expect((await dlqCommand("purge", "--dry-run")).stderr).toContain("local-events-dlq has about 5 messages");
  expect(await held()).toBe(5);
  expect((await dlqCommand("purge", "local-events-dlq", "--yes")).code).toBe(0);
  expect(await held()).toBe(0);
});

test.each([
  [["list", "--by", "colour"], 2, "Allowed choices are code, type"],
  [["list", "--queue", "No Such"], 2, "There is no dead-letter queue"],
  [["list", "--queue", "alerts"], 1, "There is no queue local-alerts-dlq in the pipeline local at "],
  [["redrive", "--yes", "--queue", "alerts"], 1, "Has it a subscriber of that id (--queue)?"],
  [["purge", "--dry-run", "--queue", "local-alerts-dlq"], 1, "Has it a subscriber of that id (--queue)?"],
  [["redrive"], 2, "give --yes"],
  [["redrive", "--yes", "--rate", "0"], 2, "a number above 0"],
  [["redrive", "--yes", "--queue", "undelivered", "--wait"], 2, "leave out --wait"],
])("dlq %p ends with %d and says why", async (args, code, message) => {
  const ran = await dlqCommand(...args);
  expect([ran.code, ran.stdout]).toEqual([code, ""]);
  expect(ran.stderr).toContain(message);
});

test("an empty queue is said to be empty", async () => {
  const { code, stdout, stderr } = await dlqCommand("list");
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toContain("Saw 0 of about 0 messages");
});

describe("what SNS could not deliver", () => {
  const undelivered = () => run.output("dlq_url").replace("events-dlq", "events-undelivered");
  const subscriptionOf = async (endpoint: RegExp) => {
    const { Subscriptions = [] } = await run.clients.sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: run.output("topic_arn") }),
    );
    return Subscriptions.find(({ Endpoint = "" }) => endpoint.test(Endpoint));
  };
  const letterFor = (id: string, arn: string | undefined) => ({
    MessageBody: envelopeOf(JSON.stringify({ type: "undelivered", id }), {
      Timestamp: new Date().toISOString(),
      UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    }),
  });

  test("each goes to the subscription that it was meant for, and what is nobody's stays", async () => {
    const queue = await subscriptionOf(/:local-events-queue$/);
    const stream = await subscriptionOf(/firehose/);
    await sendAll(run.clients.sqs, undelivered(), [
      letterFor("for-the-queue", queue?.SubscriptionArn),
      letterFor("for-the-archive", stream?.SubscriptionArn),
      { MessageBody: "raw" },
    ]);
    const { code, stderr } = await dlqCommand("redrive", "--queue", "undelivered", "--yes");
    expect([code, stderr]).toEqual([3, expect.stringContaining("2 sent, of 3 seen.")]);
    expect(stderr).toContain("It names no subscription");
    expect(await counts(run.clients.sqs, undelivered())).toEqual([1, 0, 0]);
    await drained(run, run.output("queue_url"));
    await sleep(3_000); // The archive gathers for a second.
    expect((await storedIds(run)).has("for-the-queue")).toBe(true);
    expect((await storedIds(run)).has("for-the-archive")).toBe(false);
    const archived = await archivedIds(run);
    expect([...archived].filter((id) => id.startsWith("for-"))).toEqual(["for-the-archive"]);
  });

  test("what was meant for a subscription that is gone goes where it lacks, and stays where it lacks nowhere", async () => {
    await run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: undelivered() }));
    const gone = `${run.output("topic_arn")}:00000000-0000-4000-8000-000000000000`;
    const { MessageId } = await run.clients.sns.send(
      new PublishCommand({ TopicArn: run.output("topic_arn"), Message: '{"type":"everywhere"}' }),
    );
    await run.waitForHop(String(MessageId), "archived");
    await run.waitForHop(String(MessageId), "stored");
    const [everywhere] = records(await operatorOf(run, ["archive", "get", "--id", String(MessageId)]));
    const UnsubscribeURL = `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${gone}`;
    await sendAll(run.clients.sqs, undelivered(), [
      letterFor("lacks-both", gone),
      { MessageBody: JSON.stringify({ ...everywhere, UnsubscribeURL }) },
    ]);
    const { code, stderr } = await dlqCommand("redrive", "--queue", "undelivered", "--yes");
    expect([code, stderr]).toEqual([3, expect.stringContaining("1 sent, of 2 seen.")]);
    expect(stderr).toContain(`It was meant for ${gone}, which is not subscribed any more; table and archive have it.`);
    await drained(run, run.output("queue_url"));
    await sleep(3_000);
    expect((await storedIds(run)).has("lacks-both")).toBe(true);
    expect((await archivedIds(run)).has("lacks-both")).toBe(true);
  });
});
