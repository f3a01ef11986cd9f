// Sends 10,000 malformed requests. Afterwards, the local run must still respond and must have lost no data.
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand, ListSubscriptionsCommand, PublishBatchCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { archivedIds, storedItems } from "@event-pipeline/testing/stored-events";
import fc from "fast-check";
import { type HostileRequest, hostileRequest, type Scratch } from "./hostile/requests";
import { Sender } from "./hostile/send";

const COUNT = 10_000;
const CONCURRENCY = 16;

async function makeScratch({ clients }: LocalRun): Promise<Scratch> {
  const tableName = "scratch";
  await clients.dynamodb.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["event_type", "timestamp_id"].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      KeySchema: [
        { AttributeName: "event_type", KeyType: "HASH" },
        { AttributeName: "timestamp_id", KeyType: "RANGE" },
      ],
    }),
  );
  await clients.s3.send(new CreateBucketCommand({ Bucket: "scratch" }));
  const { TopicArn = "" } = await clients.sns.send(new CreateTopicCommand({ Name: "scratch" }));
  const { QueueUrl = "" } = await clients.sqs.send(new CreateQueueCommand({ QueueName: "scratch" }));
  return { tableName, bucket: "scratch", topicArn: TopicArn, queueUrl: QueueUrl };
}

async function publish(run: LocalRun, prefix: string): Promise<string[]> {
  const ids = Array.from({ length: 100 }, (_, index) => `${prefix}-${index}`);
  for (let start = 0; start < ids.length; start += 10) {
    const PublishBatchRequestEntries = ids
      .slice(start, start + 10)
      .map((id, index) => ({ Id: String(index), Message: JSON.stringify({ type: "kept", id }) }));
    const TopicArn = run.output("topic_arn");
    await run.clients.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  }
  const arrived = (stage: "stored" | "archived") =>
    run.hops(stage).filter(({ eventId }) => eventId.startsWith(`${prefix}-`)).length;
  await run.until(() => arrived("stored") >= ids.length && arrived("archived") >= ids.length, 60_000);
  return ids;
}

/** Reads the data that a malformed request must not change. */
async function kept(run: LocalRun) {
  const [items, archived] = [await storedItems(run), await archivedIds(run)];
  const { Subscriptions = [] } = await run.clients.sns.send(new ListSubscriptionsCommand({}));
  const { Attributes } = await run.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: run.output("queue_url"), AttributeNames: ["All"] }),
  );
  const endpoints = Subscriptions.map(({ Endpoint }) => Endpoint).filter((endpoint) => endpoint?.includes("local-"));
  return { items, archived, endpoints: endpoints.sort(), attributes: Attributes };
}

test("responds to 10,000 malformed requests, and neither stops nor loses data", async () => {
  const seed = Date.now();
  const run = await LocalRun.start("--archive-interval", "0");
  const scratch = await makeScratch(run);
  const ids = await publish(run, "before");
  const before = await kept(run);
  expect([...before.archived].sort()).toEqual([...ids].sort());

  const requests = fc.sample(hostileRequest(scratch), { numRuns: COUNT, seed });
  const sender = new Sender(run.ready.endpoint);
  const counts = new Map<number | string, number>();
  const unanswered: (HostileRequest & { error: string })[] = [];
  const sendAll = async () => {
    for (let request = requests.pop(); request; request = requests.pop()) {
      const result = await sender.send(request);
      counts.set(result, (counts.get(result) ?? 0) + 1);
      if (typeof result === "string") unanswered.push({ ...request, error: result });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendAll));
  sender.close();
  process.stdout.write(`hostile (seed ${seed}): ${JSON.stringify(Object.fromEntries(counts))}\n`);

  expect(unanswered.slice(0, 3)).toEqual([]);
  // All errors are client errors, because nothing failed in the local run.
  expect(counts.get(500)).toBeUndefined();
  expect(run.stderr).toBe("");
  expect(await kept(run)).toEqual(before);
  await publish(run, "after");
  expect(await run.stop()).toBe(0);
}, 240_000);
