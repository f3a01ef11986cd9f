// Runs under Node 22.5 or newer (npm run test:node24): node:sqlite is what keeps queues in a folder.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "../helpers/local-run";

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

async function storedIds(run: LocalRun): Promise<string[]> {
  const { Items = [] } = await run.clients.dynamodb.send(
    new ScanCommand({ TableName: run.output("table_name"), ConsistentRead: true }),
  );
  return Items.map(({ event_id }) => String(event_id?.S)).sort();
}

test("events survive a kill -9 of the whole run: stored, queued, dead-lettered and archived ones", async () => {
  const ids = Array.from({ length: 300 }, (_, index) => `survivor-${String(index).padStart(3, "0")}`);
  const first = await LocalRun.start("--data-dir", dataDir, "--archive-interval", "0");
  await publish(first, ["poison"]);
  await first.until(() => first.hops("dead-lettered").length === 1);
  await publish(
    first,
    ids.map((id) => JSON.stringify({ type: "kill", id })),
  );
  await first.until(() => first.hops("stored").length > 50);
  await first.stop("SIGKILL");

  const second = await LocalRun.start("--data-dir", dataDir, "--archive-interval", "0");
  const url = { QueueUrl: second.output("queue_url"), AttributeNames: ["All" as const] };
  let open = Number.POSITIVE_INFINITY;
  for (const deadline = Date.now() + 15_000; open > 0 && Date.now() < deadline; await sleep(50)) {
    const { Attributes } = await second.clients.sqs.send(new GetQueueAttributesCommand(url));
    open = Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
  }
  expect(open).toBe(0);
  expect(await storedIds(second)).toEqual(ids);

  const { QueueUrl } = await second.clients.sqs.send(new GetQueueUrlCommand({ QueueName: "local-events-dlq" }));
  expect(QueueUrl).toBe(second.output("dlq_url"));
  const dlq = await second.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
  );
  expect(dlq.Attributes?.ApproximateNumberOfMessages).toBe("1");
  const { KeyCount } = await second.clients.s3.send(new ListObjectsV2Command({ Bucket: second.output("raw_bucket") }));
  expect(KeyCount).toBeGreaterThan(0);
  expect(await second.stop()).toBe(0);
});

test("a folder that another run uses is refused in one line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "shared-"));
  const first = await LocalRun.start("--data-dir", folder);
  const second = LocalRun.spawn("--data-dir", folder);
  expect(await second.exited).toBe(2);
  expect(second.stderr).toMatch(
    new RegExp(`^--data-dir is ".*", which the local run with process id ${first.child.pid} uses`),
  );
  expect(await first.stop()).toBe(0);
});
