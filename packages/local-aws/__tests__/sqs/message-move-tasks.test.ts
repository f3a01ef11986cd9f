import {
  CancelMessageMoveTaskCommand,
  DeleteQueueCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
  type StartMessageMoveTaskCommandInput,
} from "@aws-sdk/client-sqs";
import { counts, createQueue, receive } from "@event-pipeline/testing/queues";
import { type StartedSqs, startSqs } from "./start-sqs";

let started: StartedSqs;
let sqs: SQSClient;
let pairs = 0;

beforeAll(async () => {
  started = await startSqs();
  sqs = started.clients.json;
});

afterAll(() => started.stop());

/** Creates a queue and its dead-letter queue. */
async function pair(redrive: object = {}) {
  const name = `pair-${++pairs}`;
  const dlq = await createQueue(sqs, `${name}-dlq`);
  const policy = JSON.stringify({ deadLetterTargetArn: dlq.arn, maxReceiveCount: 1, ...redrive });
  return { dlq, source: await createQueue(sqs, name, { RedrivePolicy: policy, VisibilityTimeout: "0" }) };
}

async function send(url: string, count: number): Promise<void> {
  for (let first = 0; first < count; first += 10) {
    const Entries = Array.from({ length: Math.min(10, count - first) }, (_, index) => ({
      Id: String(index),
      MessageBody: `body ${first + index}`,
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  }
}

async function start(input: StartMessageMoveTaskCommandInput): Promise<string> {
  return String((await sqs.send(new StartMessageMoveTaskCommand(input))).TaskHandle);
}

async function list(SourceArn: string, MaxResults?: number): Promise<ListMessageMoveTasksResultEntry[]> {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults }));
  return Results;
}

/** Waits until the most recent task has ended, and returns it. */
async function ended(SourceArn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const [task] = await list(SourceArn);
    if (task?.Status !== "RUNNING" && task?.Status !== "CANCELLING") return task;
  }
  throw new Error(`The task of ${SourceArn} has not ended within 10 s.`);
}

test("creates new messages with the same bodies and attributes", async () => {
  const { dlq, source } = await pair();
  const MessageAttributes = { error_code: { DataType: "String", StringValue: "NOT_JSON" } };
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl: dlq.url, MessageBody: "first", MessageAttributes }));
  await send(dlq.url, 25);
  for (let looks = 0; looks < 3; looks++) await receive(sqs, dlq.url, { VisibilityTimeout: 0, MaxNumberOfMessages: 1 });

  const startedAt = Date.now();
  const handle = await start({ SourceArn: dlq.arn, DestinationArn: source.arn });
  expect(JSON.parse(Buffer.from(handle, "base64").toString())).toMatchObject({ sourceArn: dlq.arn });
  const task = await ended(dlq.arn);
  expect(task).toEqual({
    Status: "COMPLETED",
    SourceArn: dlq.arn,
    DestinationArn: source.arn,
    ApproximateNumberOfMessagesMoved: 26,
    ApproximateNumberOfMessagesToMove: 26,
    StartedTimestamp: expect.any(Number),
  });
  expect(await counts(sqs, dlq.url)).toEqual([0, 0, 0]);
  expect(await counts(sqs, source.url)).toEqual([26, 0, 0]);

  const found = [];
  for (let polls = 0; polls < 3; polls++) found.push(...(await receive(sqs, source.url, { VisibilityTimeout: 60 })));
  // The three receives above have changed the order of the messages.
  expect(found.map(({ Body }) => Body).sort()).toEqual(
    ["first", ...Array.from({ length: 25 }, (_, index) => `body ${index}`)].sort(),
  );
  const first = found.find(({ Body }) => Body === "first");
  expect(first?.MessageAttributes).toEqual(MessageAttributes);
  expect(first?.MessageId).not.toBe(sent.MessageId);
  expect(first?.Attributes?.ApproximateReceiveCount).toBe("1");
  expect(Number(first?.Attributes?.SentTimestamp)).toBeGreaterThanOrEqual(startedAt);
});

test("moves each message to its source queue if the request has no destination", async () => {
  const { dlq, source } = await pair();
  const redrive = { deadLetterTargetArn: dlq.arn, maxReceiveCount: 1 };
  const other = await createQueue(sqs, `pair-${pairs}-other`, {
    RedrivePolicy: JSON.stringify(redrive),
    VisibilityTimeout: "0",
  });
  for (const url of [source.url, other.url]) {
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: url }));
    for (let polls = 0; polls < 2; polls++) await receive(sqs, url);
  }
  expect(await counts(sqs, dlq.url)).toEqual([2, 0, 0]);
  await start({ SourceArn: dlq.arn });
  const task = await ended(dlq.arn);
  expect(task).toMatchObject({ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 2 });
  expect(task).not.toHaveProperty("DestinationArn");
  for (const url of [source.url, other.url]) {
    expect((await receive(sqs, url)).map(({ Body }) => Body)).toEqual([url]);
  }
});

test("fails at a message without a source queue, and keeps the message", async () => {
  const { dlq } = await pair();
  await send(dlq.url, 2);
  await start({ SourceArn: dlq.arn });
  expect(await ended(dlq.arn)).toMatchObject({ Status: "FAILED", FailureReason: "CouldNotDetermineMessageSource" });
  expect(await counts(sqs, dlq.url)).toEqual([2, 0, 0]);
});

test("fails if the destination is deleted or rejects a message, and keeps the messages", async () => {
  const { dlq } = await pair();
  const small = await createQueue(sqs, `pair-${pairs}-small`, { MaximumMessageSize: "1024" });
  await sqs.send(new SendMessageCommand({ QueueUrl: dlq.url, MessageBody: "x".repeat(2_000) }));
  await start({ SourceArn: dlq.arn, DestinationArn: small.arn });
  expect(await ended(dlq.arn)).toMatchObject({
    Status: "FAILED",
    FailureReason: expect.stringMatching(/^Message \S+ has 2000 bytes, and the limit of pair-\d+-small is 1024\.$/),
  });
  await send(dlq.url, 10);
  await receive(sqs, dlq.url, { VisibilityTimeout: 0, MaxNumberOfMessages: 1 }); // Moves the large message to the end.
  await start({ SourceArn: dlq.arn, DestinationArn: small.arn, MaxNumberOfMessagesPerSecond: 20 });
  await sqs.send(new DeleteQueueCommand({ QueueUrl: small.url }));
  expect(await ended(dlq.arn)).toMatchObject({
    Status: "FAILED",
    FailureReason: "AWS.SimpleQueueService.NonExistentQueue",
  });
});

test("fails if the dead-letter queue is deleted during the task", async () => {
  const { dlq, source } = await pair();
  await send(dlq.url, 10);
  await start({ SourceArn: dlq.arn, DestinationArn: source.arn, MaxNumberOfMessagesPerSecond: 10 });
  await sqs.send(new DeleteQueueCommand({ QueueUrl: dlq.url }));
  await createQueue(sqs, `pair-${pairs}-dlq`); // ListMessageMoveTasks works only for an existing queue.
  expect(await ended(dlq.arn)).toMatchObject({
    Status: "FAILED",
    FailureReason: "AWS.SimpleQueueService.NonExistentQueue",
  });
  expect((await counts(sqs, source.url))[0]).toBeLessThan(10);
});

test("limits the rate, allows only one running task per queue, and can be canceled", async () => {
  const { dlq, source } = await pair();
  await send(dlq.url, 30);
  const input = { SourceArn: dlq.arn, DestinationArn: source.arn };
  const startedAt = Date.now();
  const handle = await start({ ...input, MaxNumberOfMessagesPerSecond: 50 });
  const [running] = await list(dlq.arn);
  expect(running).toMatchObject({ Status: "RUNNING", TaskHandle: handle, MaxNumberOfMessagesPerSecond: 50 });
  expect(running?.ApproximateNumberOfMessagesToMove).toBe(30);
  await expect(start(input)).rejects.toMatchObject({
    name: "UnsupportedOperation",
    message: expect.stringMatching(/^There is already a task running\./),
  });
  await ended(dlq.arn);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(29 * 20);

  await send(dlq.url, 30);
  const second = await start({ ...input, MaxNumberOfMessagesPerSecond: 1 });
  const cancel = () => sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: second }));
  const { ApproximateNumberOfMessagesMoved: moved } = await cancel();
  const cancelled = await ended(dlq.arn);
  expect(cancelled).toMatchObject({ Status: "CANCELLED", ApproximateNumberOfMessagesMoved: moved });
  expect(cancelled).not.toHaveProperty("TaskHandle");
  expect((await counts(sqs, dlq.url))[0]).toBe(30 - Number(moved));
  await expect(cancel()).rejects.toMatchObject({ name: "UnsupportedOperation" });
  expect((await list(dlq.arn, 10)).map(({ Status }) => Status)).toEqual(["CANCELLED", "COMPLETED"]);
});

test("leaves in-flight messages in the dead-letter queue", async () => {
  const { dlq, source } = await pair();
  await send(dlq.url, 3);
  await receive(sqs, dlq.url, { VisibilityTimeout: 60, MaxNumberOfMessages: 1 });
  await start({ SourceArn: dlq.arn, DestinationArn: source.arn });
  expect(await ended(dlq.arn)).toMatchObject({ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 2 });
  expect(await counts(sqs, dlq.url)).toEqual([0, 1, 0]);
});

describe("rejects an invalid request with SQS's error", () => {
  const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const [dlq, queue] = [arn("invalid-dlq"), arn("invalid-queue")];
  beforeAll(async () => {
    const { arn: deadLetterTargetArn } = await createQueue(sqs, "invalid-dlq");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
    await createQueue(sqs, "invalid-queue", { RedrivePolicy });
    await createQueue(sqs, "invalid-other");
  });
  const mistyped = (what: string) => ["SerializationException", what] as const;
  const outOfRange = (name: string, max: number) =>
    ["InvalidParameterValue", `for parameter ${name} is invalid. Reason: Must be between 1 and ${max}`] as const;
  const missing = (name: string) => ["MissingParameter", `The request must contain the parameter ${name}.`] as const;
  const nowhere = (name: string) =>
    ["ResourceNotFoundException", `The resource that you specified for the ${name} parameter doesn't exist.`] as const;
  const noDlq = ["InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue."] as const;
  const nested = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;

  const rated = (rate: unknown, error: readonly [string, string]) =>
    ["StartMessageMoveTask", { SourceArn: dlq, MaxNumberOfMessagesPerSecond: rate }, error] as const;

  test.each([
    ["StartMessageMoveTask", null, mistyped("must be a JSON object.")],
    ["StartMessageMoveTask", [], mistyped("must be a JSON object.")],
    ["StartMessageMoveTask", "text", mistyped("must be a JSON object.")],
    ["StartMessageMoveTask", nested, missing("SourceArn")],
    ["StartMessageMoveTask", {}, missing("SourceArn")],
    ["StartMessageMoveTask", { SourceArn: null }, missing("SourceArn")],
    ["StartMessageMoveTask", { SourceArn: "" }, missing("SourceArn")],
    ["StartMessageMoveTask", { SourceArn: {} }, mistyped("SourceArn must be a string.")],
    ["StartMessageMoveTask", { SourceArn: arn("none") }, nowhere("SourceArn")],
    ["StartMessageMoveTask", { SourceArn: queue }, noDlq],
    ["StartMessageMoveTask", { SourceArn: arn("invalid-other") }, noDlq],
    ["StartMessageMoveTask", { SourceArn: dlq, DestinationArn: arn("none") }, nowhere("DestinationArn")],
    ["StartMessageMoveTask", { SourceArn: dlq, DestinationArn: 7 }, mistyped("DestinationArn must be a string.")],
    [
      "StartMessageMoveTask",
      { SourceArn: dlq, DestinationArn: dlq },
      ["InvalidParameterValue", "Source queue arn and destination queue arn cannot be the same."],
    ],
    ...[0, 501].map((rate) => rated(rate, outOfRange("MaxNumberOfMessagesPerSecond", 500))),
    ...[1.5, "10", true].map((rate) => rated(rate, mistyped("MaxNumberOfMessagesPerSecond must be a"))),
    ["ListMessageMoveTasks", null, mistyped("must be a JSON object.")],
    ["ListMessageMoveTasks", {}, missing("SourceArn")],
    ["ListMessageMoveTasks", { SourceArn: arn("none") }, nowhere("SourceArn")],
    ["ListMessageMoveTasks", { SourceArn: dlq, MaxResults: 11 }, outOfRange("MaxResults", 10)],
    ["CancelMessageMoveTask", {}, missing("TaskHandle")],
    ["CancelMessageMoveTask", { TaskHandle: [] }, mistyped("TaskHandle must be a string.")],
    ["CancelMessageMoveTask", { TaskHandle: "x" }, ["ResourceNotFoundException", "Task does not exist."]],
  ] as const)("%s %j", async (action, body, [code, message]) => {
    const response = await fetch(started.endpoint, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` },
      body: body === nested ? nested : JSON.stringify(body),
    });
    expect(response.status).toBe(code === "ResourceNotFoundException" ? 404 : 400);
    const output = (await response.json()) as Record<string, string>;
    expect(output.__type?.replace(/^com\.amazonaws\.sqs#/, "")).toBe(code);
    expect(response.headers.get("x-amzn-query-error")).toBe(`${code};Sender`);
    expect(output.message).toContain(message);
  });
});
