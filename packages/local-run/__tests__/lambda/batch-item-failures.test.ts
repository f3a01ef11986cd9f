import { resolve } from "node:path";
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand, PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { at } from "@event-pipeline/testing/synthesized";

let run: LocalRun;

beforeAll(async () => {
  const folder = stackFolder((stack) => {
    at(stack, "data.archive_file.event_processor").source_dir = resolve(
      "packages/testing/fixtures/batch-item-failures-handler",
    );
  });
  run = await LocalRun.start("--stack-folder", folder, "--retry-delay", "0");
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

/** Publishes events in batches of ten. Returns their MessageIds in the order of the events. */
async function publishAll(events: readonly object[]): Promise<string[]> {
  const ids: string[] = [];
  for (let start = 0; start < events.length; start += 10) {
    const { Successful = [] } = await run.clients.sns.send(
      new PublishBatchCommand({
        TopicArn: run.output("topic_arn"),
        PublishBatchRequestEntries: events.slice(start, start + 10).map((event, index) => ({
          Id: String(index),
          Message: JSON.stringify(event),
        })),
      }),
    );
    for (const { Id, MessageId } of Successful) ids[start + Number(Id)] = String(MessageId);
  }
  return ids;
}

/** Returns the different reasons of each message's failed hops, once the message is in the dead-letter queue. */
async function reasonsOf(ids: readonly string[]): Promise<unknown[][]> {
  for (const id of ids) await run.waitForHop(id, "dead-lettered");
  const failed = run.hops("failed");
  return ids.map((id) => {
    const own = failed.filter(({ messageId }) => messageId === id);
    return [...new Set(own.map(({ detail }) => detail.reason))];
  });
}

test("reports the logged reason of each failed hop, with any amount of logs", async () => {
  const events = Array.from({ length: 200 }, (_, index) => ({ reason: `reason ${index}`, padding: index * 1_000 }));
  const reasons = await reasonsOf(await publishAll(events));
  expect(reasons).toEqual(events.map(({ reason }) => [reason]));
});

test("reads one reason that applies to many records", async () => {
  const reasons = await reasonsOf(await publishAll(Array(10).fill({ sharedReason: "no time" })));
  expect(reasons).toEqual(Array(10).fill(["no time"]));
});

test("reads a reason with line separators", async () => {
  const reason = "two\nlines, \u2028 and \r more";
  expect(await reasonsOf(await publishAll([{ reason }]))).toEqual([[reason]]);
});

test("reports that the handler logged no reason", async () => {
  const silent = "batch item failure; the handler logged no reason";
  expect(await reasonsOf(await publishAll([{ reason: "" }]))).toEqual([[silent]]);
});

test("reports the reasons of the event processor", async () => {
  const folder = stackFolder((stack) => {
    at(stack, "aws_lambda_function.event_processor").timeout = 2;
  });
  const other = await LocalRun.start("--stack-folder", folder);
  const { dynamodb, sns } = other.clients;
  await dynamodb.send(new DeleteTableCommand({ TableName: other.output("table_name") }));
  const command = new PublishCommand({ TopicArn: other.output("topic_arn"), Message: '{"type":"lost"}' });
  const { MessageId } = await sns.send(command);
  const { detail } = await other.waitForHop(String(MessageId), "failed");
  expect(detail.reason).toContain("not found");
  expect(await other.stop()).toBe(0);
});
