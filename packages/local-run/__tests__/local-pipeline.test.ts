import { gunzipSync } from "node:zlib";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { PublishBatchCommand, PublishCommand } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { LocalRun } from "@event-pipeline/testing/local-run";

let run: LocalRun;

beforeAll(async () => {
  run = await LocalRun.start();
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function publish(message: string | object): Promise<string> {
  const Message = typeof message === "string" ? message : JSON.stringify(message);
  const { MessageId } = await run.clients.sns.send(new PublishCommand({ TopicArn: run.output("topic_arn"), Message }));
  return String(MessageId);
}

async function items() {
  const found: Record<string, unknown>[] = [];
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await run.clients.dynamodb.send(
      new ScanCommand({ TableName: run.output("table_name"), ConsistentRead: true, ExclusiveStartKey }),
    );
    found.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey;
  } while (ExclusiveStartKey);
  return found;
}

async function queueCounts(url: string) {
  const { Attributes } = await run.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
  );
  return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible].map(Number);
}

test("reports each publication of an event as stored, even if a batch writes the event once", async () => {
  const Message = '{"type":"published.often","id":"1","time":"2026-01-02T03:04:05Z"}';
  const PublishBatchRequestEntries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), Message }));
  const batch = new PublishBatchCommand({ TopicArn: run.output("topic_arn"), PublishBatchRequestEntries });
  const { Successful = [] } = await run.clients.sns.send(batch);
  const hops = await Promise.all(Successful.map(({ MessageId = "" }) => run.waitForHop(MessageId, "stored")));
  const [item] = (await items()).filter(({ event_type }) => event_type === "published.often");
  expect(hops.map(({ detail }) => detail)).toEqual(
    Array(10).fill({ event_type: "published.often", timestamp_id: item?.timestamp_id }),
  );
});

test("stores and archives an event, and reports its hops in order", async () => {
  const event = { type: "finding.new", severity: "high", title: "Test Finding" };
  const id = await publish(event);
  const stored = await run.waitForHop(id, "stored");
  expect(stored.sincePublishedMs).toBeGreaterThanOrEqual(0);

  const item = (await items()).find(({ message_id }) => message_id === id);
  expect(item).toMatchObject({ event_type: "finding.new", event_id: id, data: event });
  const receivedAt = Date.parse(String(item?.received_at));
  expect(item?.timestamp_id).toBe(`${new Date(receivedAt).toISOString()}#${id}`);
  expect(item?.expires_at).toBe(Math.floor(receivedAt / 1_000) + 90 * 86_400);

  await run.waitForHop(id, "archived");
  const kinds = [...new Set(run.hopsOf(id).map(({ kind }) => kind))];
  // The archive does not wait for the handler.
  expect(kinds.filter((kind) => kind !== "archived")).toEqual(["published", "queued", "processed", "stored"]);
});

test("archives the compressed envelope under the prefix of the hour", async () => {
  const message = JSON.stringify({ type: "finding.new", note: "kept as published: é \\u0000 1.0" });
  const id = await publish(message);
  const { detail } = await run.waitForHop(id, "archived");
  const key = String(detail.object).slice(`s3://${run.output("raw_bucket")}/`.length);
  expect(key).toMatch(/^raw\/year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d\/local-events-raw-1-[\w-]+\.gz$/);

  const { s3 } = run.clients;
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: run.output("raw_bucket"), Prefix: "raw/" }),
  );
  expect(Contents.map(({ Key }) => Key)).toContain(key);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: run.output("raw_bucket"), Key: key }));
  const lines = gunzipSync(await (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray())
    .toString()
    .trimEnd()
    .split("\n");
  const envelope = lines.map((line) => JSON.parse(line)).find(({ MessageId }) => MessageId === id);
  expect(envelope).toMatchObject({ Type: "Notification", TopicArn: run.output("topic_arn"), Message: message });
});

test("dead-letters a poison message at its first attempt, with the reason", async () => {
  const id = await publish("no JSON");
  await run.waitForHop(id, "dead-lettered");
  await run.waitForHop(id, "processed");
  expect(run.hopsOf(id).map(({ kind }) => kind)).not.toContain("failed");

  const { Messages = [] } = await run.clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: run.output("dlq_url"),
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
    }),
  );
  expect(new Set(Messages.map(({ Body }) => JSON.parse(String(Body)).MessageId))).toEqual(new Set([id]));
  expect(Messages[0]?.MessageAttributes).toMatchObject({
    error_code: { StringValue: "NOT_JSON" },
    sns_message_id: { StringValue: id },
  });
});

test("stores only one item for two events with the same ID, time and text", async () => {
  const event = { type: "scan.done", id: "twice", time: "2026-01-02T03:04:05Z" };
  const ids = [await publish(event), await publish(event)];
  for (const id of ids) await run.waitForHop(id, "processed");
  const found = (await items()).filter(({ event_id }) => event_id === "twice");
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ timestamp_id: expect.stringMatching(/^2026-01-02T03:04:05\.000Z#twice#/) });
});

test("fails only the invalid event of a batch", async () => {
  const messages = ['{"type":"batch","id":"1"}', "bad", '{"type":"batch","id":"2"}'];
  await run.clients.sns.send(
    new PublishBatchCommand({
      TopicArn: run.output("topic_arn"),
      PublishBatchRequestEntries: messages.map((Message, index) => ({ Id: String(index), Message })),
    }),
  );
  const stored = () => run.hops("stored").filter(({ detail }) => detail.event_type === "batch");
  await run.until(() => new Set(stored().map(({ eventId }) => eventId)).size === 2);
  const processed = run.hops("processed").filter(({ eventId }) => ["1", "2"].includes(eventId));
  expect(new Set(processed.map(({ detail }) => detail.attempt))).toEqual(new Set([1]));
  await run.until(() => run.idsOf("dead-lettered").size === 2);
});

test("stores 1,000 events once each, despite a kill -9 of the handler", async () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `kill-${index}`);
  const publishing = (async () => {
    for (let start = 0; start < ids.length; start += 10) {
      const PublishBatchRequestEntries = ids.slice(start, start + 10).map((id, index) => ({
        Id: String(index),
        Message: JSON.stringify({ type: "kill", id }),
      }));
      await run.clients.sns.send(
        new PublishBatchCommand({ TopicArn: run.output("topic_arn"), PublishBatchRequestEntries }),
      );
    }
  })();
  const storedNow = () => run.hops("stored").filter(({ detail }) => detail.event_type === "kill");
  await run.until(() => storedNow().length >= 300);
  const [pid] = run.ready.pids;
  process.kill(Number(pid), "SIGKILL");
  await publishing;
  await run.until(() => new Set(storedNow().map(({ eventId }) => eventId)).size === ids.length);

  const found = (await items()).filter(({ event_type }) => event_type === "kill").map(({ event_id }) => event_id);
  expect(found.sort()).toEqual([...ids].sort());
  expect(await queueCounts(run.output("queue_url"))).toEqual([0, 0]);
  expect(run.hops("dead-lettered").filter(({ eventId }) => eventId.startsWith("kill-"))).toEqual([]);
});

test("lists the addresses that do not run locally", () => {
  expect(run.ready.notRun).toContain("aws_cloudwatch_dashboard.events");
  expect(run.ready.notRun).not.toContain("aws_sns_topic.events");
});
