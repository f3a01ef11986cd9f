import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createQueue } from "@event-pipeline/testing/queues";
import { Consumer } from "sqs-consumer";
import { CREDENTIALS } from "../../account";
import { type LocalAws, startLocalAws } from "../../local-aws";

let aws: LocalAws;
let sqs: SQSClient;

beforeAll(async () => {
  // Some messages come twice.
  aws = await startLocalAws({ delivery: { shuffled: true, seed: 1 } });
  sqs = new SQSClient({ endpoint: aws.endpoint, region: aws.region, credentials: CREDENTIALS });
});

afterAll(async () => {
  sqs.destroy();
  await aws.stop();
});

test("sqs-consumer handles each message, retries one that fails, and deletes what it handled", async () => {
  const { url } = await createQueue(sqs, "consumed");
  const bodies = Array.from({ length: 30 }, (_, index) => `message ${index} 🙂`);
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies.slice(start, start + 10).map((MessageBody, Id) => ({ Id: String(Id), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  }
  const handled = new Set<string>();
  let failures = 0;
  const consumer = Consumer.create({
    sqs,
    queueUrl: url,
    batchSize: 10,
    terminateVisibilityTimeout: true,
    messageAttributeNames: ["All"],
    messageSystemAttributeNames: ["ApproximateReceiveCount"],
    handleMessage: async (message) => {
      if (message.Body === bodies[7] && message.Attributes?.ApproximateReceiveCount === "1") {
        failures++;
        throw new Error("fails once");
      }
      handled.add(String(message.Body));
      return message;
    },
  });
  consumer.on("error", () => undefined);
  consumer.on("processing_error", () => undefined);
  consumer.start();
  await new Promise<void>((resolve) => {
    const check = () => handled.size === bodies.length && resolve();
    consumer.on("message_processed", check);
  });
  const stopped = new Promise<void>((resolve) => consumer.once("stopped", () => resolve()));
  consumer.stop({ abort: true });
  await stopped;
  expect([...handled].sort()).toEqual([...bodies].sort());
  expect(failures).toBeGreaterThan(0);
});
