import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { counts } from "@event-pipeline/testing/queues";

const EVENTS = 500;
const INVALID = 10;

test("stores each event once, although its queue delivers some of them twice and out of order", async () => {
  const run = await LocalRun.start();
  const messages = Array.from({ length: EVENTS + INVALID }, (_, index) =>
    index < INVALID ? `no JSON ${index}` : JSON.stringify({ type: "shuffled", index }),
  );
  for (let first = 0; first < messages.length; first += 10) {
    const PublishBatchRequestEntries = messages
      .slice(first, first + 10)
      .map((Message, index) => ({ Id: String(index), Message }));
    const TopicArn = run.output("topic_arn");
    await run.clients.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  }
  await run.until(() => run.idsOf("stored").size === EVENTS && run.idsOf("dead-lettered").size === INVALID, 25_000);
  // Duplicates that are on their way.
  const queue = async (name: string) => counts(run.clients.sqs, run.output(name));
  while (String(await queue("queue_url")) !== "0,0,0");

  const order = run.hops("stored").map(({ messageId }) => messageId);
  expect(order.length).toBeGreaterThan(EVENTS);
  const { Count } = await run.clients.dynamodb.send(
    new ScanCommand({ TableName: run.output("table_name"), Select: "COUNT", ConsistentRead: true }),
  );
  expect(Count).toBe(EVENTS);
  // The function sends invalid messages to the dead-letter queue, also twice.
  const [deadLetters = 0] = await queue("dlq_url");
  expect(deadLetters).toBeGreaterThanOrEqual(INVALID);
  expect(deadLetters).toBeLessThanOrEqual(2 * INVALID);
  expect(await run.stop()).toBe(0);
});
