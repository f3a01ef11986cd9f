// Sends 10,000 malformed requests to all services. Afterwards, they must still respond and must have lost no data.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CreateTableCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { clientsFor } from "../clients";
import { type LocalAws, startLocalAws } from "../local-aws";
import { hostileRequest, type Scratch } from "./hostile/requests";
import type { HostileRequest } from "./hostile/send";
import { Sender } from "./hostile/send";

const COUNT = 10_000;
/** Requests that are in memory at the same time. */
const BATCH = 500;
const CONCURRENCY = 16;

/** Maximum growth of the heap. The requests' own values are larger than that in all. */
const MAX_GROWTH_BYTES = 100 * 1024 * 1024;

const KEPT = Array.from({ length: 50 }, (_, index) => `kept-${index}`);

type Clients = ReturnType<typeof clientsFor>;

/** Creates the resources that valid requests may change. */
async function createScratch({ dynamodb, s3, sns, sqs }: Clients): Promise<Scratch> {
  await createTable(dynamodb, "scratch");
  await s3.send(new CreateBucketCommand({ Bucket: "scratch" }));
  const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "scratch" }));
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "scratch" }));
  return { tableName: "scratch", bucket: "scratch", topicArn: TopicArn, queueUrl: QueueUrl };
}

async function createTable(dynamodb: Clients["dynamodb"], TableName: string): Promise<void> {
  const keys = ["event_type", "timestamp_id"] as const;
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
    }),
  );
}

/** Stores data that the requests must not change. */
async function createKept({ dynamodb, s3, sns, sqs }: Clients): Promise<void> {
  await createTable(dynamodb, "kept");
  await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
  await sqs.send(new CreateQueueCommand({ QueueName: "kept", Attributes: { VisibilityTimeout: "43200" } }));
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "kept" }));
  await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: "arn:aws:sqs:us-east-1:000000000000:kept" }),
  );
  for (const id of KEPT) {
    const Item = { event_type: { S: "kept" }, timestamp_id: { S: id } };
    await dynamodb.send(new PutItemCommand({ TableName: "kept", Item }));
    await s3.send(new PutObjectCommand({ Bucket: "kept", Key: id, Body: id }));
    await sns.send(new PublishCommand({ TopicArn, Message: id }));
  }
}

/** Reads the data that the requests must not have changed. */
async function readKept({ dynamodb, s3, sns, sqs }: Clients, endpoint: string) {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: "kept", ConsistentRead: true }));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "kept" }));
  const objects = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "kept", Key }));
      return Body?.transformToString();
    }),
  );
  const TopicArn = "arn:aws:sns:us-east-1:000000000000:kept";
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const QueueUrl = `${endpoint}/000000000000/kept`;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  return {
    items: Items.map((item) => item.timestamp_id?.S).sort(),
    objects: objects.sort(),
    endpoints: Subscriptions.map(({ Endpoint }) => Endpoint?.split(":").at(-1)),
    attributes: Attributes,
  };
}

/** Receives all messages of the queue. */
async function readMessages({ sqs }: Clients, endpoint: string): Promise<string[]> {
  const QueueUrl = `${endpoint}/000000000000/kept`;
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies.sort();
    bodies.push(...Messages.map(({ Body = "{}" }) => String(JSON.parse(Body).Message)));
  }
}

/** Returns the size of the heap after a garbage collection. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

test("responds to 10,000 malformed requests, and neither fails nor loses data", async () => {
  const seed = Number(process.env.HOSTILE_SEED ?? Date.now());
  const notes: string[] = [];
  const aws: LocalAws = await startLocalAws({ observer: { noted: (message) => void notes.push(message) } });
  const clients = clientsFor(aws.endpoint, aws.region);
  const scratch = await createScratch(clients);
  await createKept(clients);
  const before = await readKept(clients, aws.endpoint);
  expect(before).toMatchObject({ items: [...KEPT].sort(), objects: [...KEPT].sort(), endpoints: ["kept"] });

  let requests: HostileRequest[] = [];
  const sender = new Sender(aws.endpoint);
  const counts = new Map<number | string, number>();
  const wrong: (HostileRequest & { result: string | number })[] = [];
  const heapBefore = heapBytes();
  const sendAll = async () => {
    for (let request = requests.pop(); request; request = requests.pop()) {
      const result = await sender.send(request);
      counts.set(result, (counts.get(result) ?? 0) + 1);
      // Every error is the client's, because nothing failed in the services.
      if (typeof result === "string" || result === 500) wrong.push({ ...request, result });
    }
  };
  for (let sent = 0; sent < COUNT; sent += BATCH) {
    requests = fc.sample(hostileRequest(scratch), { numRuns: BATCH, seed: seed + sent });
    await Promise.all(Array.from({ length: CONCURRENCY }, sendAll));
  }
  sender.close();
  process.stdout.write(`hostile (seed ${seed}): ${JSON.stringify(Object.fromEntries(counts))}\n`);

  expect(wrong.slice(0, 3)).toEqual([]);
  expect(notes).toEqual([]);
  expect(await readKept(clients, aws.endpoint)).toEqual(before);
  expect(await readMessages(clients, aws.endpoint)).toEqual([...KEPT].sort());
  expect(heapBytes() - heapBefore).toBeLessThan(MAX_GROWTH_BYTES);
  for (const client of Object.values(clients)) client.destroy();
  await aws.stop();
}, 480_000);
