import { randomUUID } from "node:crypto";
import { CreateTopicCommand, PublishBatchCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { DeleteMessageCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { createQueue, receive } from "@event-pipeline/testing/queues";

let run: LocalRun;

beforeAll(async () => {
  run = await LocalRun.start();
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function fifoTopic(Attributes: Record<string, string> = {}) {
  const { sns, sqs } = run.clients;
  const Name = `${randomUUID()}.fifo`;
  const { TopicArn } = await sns.send(
    new CreateTopicCommand({ Name, Attributes: { FifoTopic: "true", ...Attributes } }),
  );
  const queue = await createQueue(sqs, Name, { FifoQueue: "true" });
  const raw = { RawMessageDelivery: "true" };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queue.arn, Attributes: raw }));
  const publish = (input: object) => sns.send(new PublishCommand({ TopicArn, Message: "m", ...input }));
  /** Receives and deletes one message at a time, because a group's next message is hidden until then. */
  const bodies = async () => {
    const all: (string | undefined)[] = [];
    for (;;) {
      const [message] = await receive(sqs, queue.url);
      if (!message) return all;
      all.push(message.Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: message.ReceiptHandle }));
    }
  };
  return { TopicArn, publish, bodies };
}

test("delivers a message group's messages in order and only once", async () => {
  const { TopicArn, publish, bodies } = await fifoTopic();
  const inGroup = (Message: string) => ({ Message, MessageGroupId: "g", MessageDeduplicationId: Message });
  for (const Message of ["a", "b", "a"]) await publish(inGroup(Message));
  const entries = ["c", "b", "d"].map((Message) => ({ Id: Message, ...inGroup(Message) }));
  await run.clients.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
  expect(await bodies()).toEqual(["a", "b", "c", "d"]);
});

test("deduplicates by content if the topic enables it", async () => {
  const { publish, bodies } = await fifoTopic({ ContentBasedDeduplication: "true" });
  for (const Message of ["a", "b", "a"]) await publish({ Message, MessageGroupId: "g" });
  expect(await bodies()).toEqual(["a", "b"]);
});

test.each([
  [
    "without a message group",
    { MessageDeduplicationId: "d" },
    "The MessageGroupId parameter is required for FIFO topics",
  ],
  ["without a deduplication ID", { MessageGroupId: "g" }, "ContentBasedDeduplication enabled or"],
])("rejects a message %s", async (_name, input, message) => {
  const { publish } = await fifoTopic();
  await expect(publish(input)).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: expect.stringContaining(message),
  });
});

test.each([
  ["ArchivePolicy", { Attributes: { ArchivePolicy: '{"MessageRetentionPeriod":"30"}' } }],
  ["Displayname", { Attributes: { Displayname: "x" } }],
  ["DataProtectionPolicy", { DataProtectionPolicy: "{}" }],
])("CreateTopic rejects the unsupported %s", async (name, input) => {
  const command = new CreateTopicCommand({ Name: "new", ...input });
  await expect(run.clients.sns.send(command)).rejects.toThrow(name);
});

test("creates a topic with supported attributes", async () => {
  const Attributes = { DisplayName: "x", TracingConfig: "PassThrough" };
  const { TopicArn } = await run.clients.sns.send(new CreateTopicCommand({ Name: "new", Attributes }));
  expect(TopicArn).toMatch(/:new$/);
});
