import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { SQS } from "../../sqs/service";
import { type StartedSqs, startSqs } from "../sqs/start-sqs";
import { testSupportedActions } from "../supported-actions";

let started: StartedSqs;
let sqs: SQSClient;

beforeAll(async () => {
  started = await startSqs();
});

afterAll(() => started.stop());

let queues = 0;

async function queueWith(...bodies: string[]): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `q-${++queues}` }));
  for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  return String(QueueUrl);
}

async function take(QueueUrl: string): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages;
}

async function attributesOf(QueueUrl: string): Promise<Record<string, string>> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  return Attributes;
}

const arnOf = async (url: string) => String((await attributesOf(url)).QueueArn);

/** Creates a queue with one message in its dead-letter queue. */
async function pair() {
  const [queue, deadLetters] = [await queueWith(), await queueWith("dead")];
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await arnOf(deadLetters), maxReceiveCount: 3 });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { RedrivePolicy } }));
  return { queue, deadLetters, SourceArn: await arnOf(deadLetters), DestinationArn: await arnOf(queue) };
}

const TESTS = {
  CancelMessageMoveTask: async () => {
    const { deadLetters, ...arns } = await pair();
    await sqs.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: "second" }));
    const { TaskHandle } = await sqs.send(
      new StartMessageMoveTaskCommand({ ...arns, MaxNumberOfMessagesPerSecond: 1 }),
    );
    const response = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(response.ApproximateNumberOfMessagesMoved).toBeLessThan(2);
  },
  ChangeMessageVisibility: async () => {
    const QueueUrl = await queueWith("a");
    const [message] = await take(QueueUrl);
    const { ReceiptHandle } = message ?? {};
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await take(QueueUrl)).toHaveLength(1);
  },
  ChangeMessageVisibilityBatch: async () => {
    const QueueUrl = await queueWith("a", "b");
    const Entries = (await take(QueueUrl)).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    expect(await take(QueueUrl)).toHaveLength(2);
  },
  CreateQueue: async () => expect(await queueWith()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/000000000000\/q-\d+$/),
  DeleteMessage: async () => {
    const QueueUrl = await queueWith("a");
    const [message] = await take(QueueUrl);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: "0" });
  },
  DeleteMessageBatch: async () => {
    const QueueUrl = await queueWith("a", "b");
    const Entries = (await take(QueueUrl)).map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const { Successful } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect(Successful).toHaveLength(2);
    expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: "0" });
  },
  DeleteQueue: async () => {
    const QueueUrl = await queueWith("a");
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(attributesOf(QueueUrl)).rejects.toThrow("does not exist");
  },
  GetQueueAttributes: async () => {
    const { deadLetters, queue } = await pair();
    const all = await attributesOf(queue);
    expect(all).toMatchObject({
      VisibilityTimeout: "30",
      RedrivePolicy: expect.stringContaining("deadLetterTargetArn"),
    });
    const one = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ["QueueArn"] }));
    expect(one.Attributes).toEqual({ QueueArn: all.QueueArn });
    expect((await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue }))).Attributes ?? {}).toEqual({});
    expect(await attributesOf(deadLetters)).toMatchObject({ ApproximateNumberOfMessages: "1" });
  },
  GetQueueUrl: async () => {
    const url = await queueWith();
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: url.slice(url.lastIndexOf("/") + 1) }));
    expect(QueueUrl).toBe(url);
  },
  ListDeadLetterSourceQueues: async () => {
    const { deadLetters, queue } = await pair();
    const { queueUrls } = await sqs.send(
      new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadLetters, MaxResults: 10 }),
    );
    expect(queueUrls).toEqual([queue]);
  },
  ListMessageMoveTasks: async () => {
    const { SourceArn } = await pair();
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
    expect(Results?.[0]).toMatchObject({ SourceArn, ApproximateNumberOfMessagesToMove: 1 });
  },
  ListQueues: async () => {
    // A locale sorts these names differently than their code units. Pages must not omit any of them.
    const names = ["l-a", "l-B", "l-b", "l-_", "l-A", "l--"];
    for (const QueueName of names) await sqs.send(new CreateQueueCommand({ QueueName }));
    const found: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "l-", MaxResults: 2, NextToken }));
      found.push(...(page.QueueUrls ?? []).map((url) => url.slice(url.lastIndexOf("/") + 1)));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(found).toEqual([...names].sort());
  },
  ListQueueTags: async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `tagged-${++queues}`, tags: { a: "b" } }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ a: "b" });
  },
  PurgeQueue: async () => {
    const QueueUrl = await queueWith("a", "b");
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessages: "0" });
  },
  ReceiveMessage: async () => expect((await take(await queueWith("a")))[0]?.Body).toBe("a"),
  SendMessage: async () => {
    const QueueUrl = await queueWith();
    const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }));
    expect((await take(QueueUrl))[0]?.MessageId).toBe(MessageId);
  },
  SendMessageBatch: async () => {
    const QueueUrl = await queueWith();
    const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: Id }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect((await take(QueueUrl)).map(({ Body }) => Body)).toEqual(["a", "b"]);
  },
  SetQueueAttributes: async () => {
    const QueueUrl = await queueWith();
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "7" } }));
    expect(await attributesOf(QueueUrl)).toMatchObject({ VisibilityTimeout: "7" });
  },
  StartMessageMoveTask: async () => {
    const { queue, ...arns } = await pair();
    await sqs.send(new StartMessageMoveTaskCommand(arns));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 5 }));
    expect(Messages?.[0]?.Body).toBe("dead");
  },
  TagQueue: async () => {
    const QueueUrl = await queueWith();
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { c: "d" } }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ c: "d" });
  },
  UntagQueue: async () => {
    const QueueUrl = await queueWith();
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { c: "d", e: "f" } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["c"] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ e: "f" });
  },
};

describe.each(["json", "query"] as const)("in the %s protocol", (protocol) => {
  beforeAll(() => {
    sqs = started.clients[protocol];
  });
  testSupportedActions(SQS, TESTS);
});
