import { PublishCommand } from "@aws-sdk/client-sns";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { receive } from "@event-pipeline/testing/queues";

const KIB = 1_024;

let run: LocalRun;

beforeAll(async () => {
  // The tests take the next dead letter.
  run = await LocalRun.start("--delivery", "ordered", "--retry-delay", "0");
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

const publish = (Message: string) =>
  run.clients.sns.send(new PublishCommand({ TopicArn: run.output("topic_arn"), Message }));

/** Receives from the dead-letter queue once another message has arrived there. */
async function deadLetters() {
  const before = run.hops("dead-lettered").length;
  await run.until(() => run.hops("dead-lettered").length > before);
  return receive(run.clients.sqs, run.output("dlq_url"), { VisibilityTimeout: 60 });
}

test("stores the largest event that SNS accepts, although its envelope escapes each quote", async () => {
  const start = '{"type":"quotes","d":"';
  const message = `${start}${'\\"'.repeat((256 * KIB - start.length - 2) / 2)}"}`;
  expect(Buffer.byteLength(message)).toBeGreaterThan(256 * KIB - 3);
  const { MessageId } = await publish(message);
  await run.waitForHop(String(MessageId), "stored");
});

test("rejects messages of more than 256 KiB", async () => {
  await expect(publish("x".repeat(256 * KIB + 1))).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: expect.stringContaining("Message too long"),
  });
});

test("dead-letters a message near the queue's limit with the error code, without the reason", async () => {
  const MessageBody = "x".repeat(KIB * KIB - 100);
  const found = deadLetters();
  await run.clients.sqs.send(new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody }));
  const [letter] = await found;
  expect(letter?.MessageAttributes).toMatchObject({ error_code: { StringValue: "NOT_AN_ENVELOPE" } });
  expect(letter?.MessageAttributes).not.toHaveProperty("error_message");
  expect(letter?.Body === MessageBody).toBe(true);
});

test("lets SQS dead-letter a message that leaves no room for the error code", async () => {
  const MessageBody = "x".repeat(KIB * KIB);
  const found = deadLetters();
  await run.clients.sqs.send(new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody }));
  const [letter] = await found;
  expect(letter?.MessageAttributes).toBeUndefined();
  expect(letter?.Body === MessageBody).toBe(true);
});
