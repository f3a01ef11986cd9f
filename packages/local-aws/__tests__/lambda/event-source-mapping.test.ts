import { LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Clock, RunningClock, SteppedClock } from "../../clock";
import { CloudWatch } from "../../cloudwatch/cloudwatch";
import { Callers } from "../../gateway/caller";
import type { Host } from "../../host";
import type { EventSourceMappingOptions } from "../../lambda/event-source-mapping";
import { Lambda } from "../../lambda/lambda";
import { LAMBDA } from "../../lambda/service";
import { Logs } from "../../logs/logs";
import type { DeliveryAttempt } from "../../observer";
import { SQS } from "../../sqs/service";
import { Sqs } from "../../sqs/sqs";
import { MemoryStorage } from "../../storage/storage";
import { startServices } from "../start-services";
import { bundledRuntime, functionOf } from "./function-folder";

const runtimeFile = bundledRuntime();
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function start(
  clock: Clock,
  code: string,
  mapping: Partial<EventSourceMappingOptions>,
  queue: Record<string, string> = {},
  delivery = { shuffled: false, seed: 0 },
) {
  const storage = new MemoryStorage();
  const attempts: DeliveryAttempt[] = [];
  const observer: Host["observer"] = { attempted: (attempt) => attempts.push(attempt) };
  let lambda: Lambda | undefined;
  let sqs: Sqs | undefined;
  const callers = new Callers();
  const create = (endpoint: string) => {
    const host: Host = { endpoint, region: "us-east-1", clock, storage, observer, delivery };
    sqs = new Sqs(host);
    lambda = new Lambda(host, { sqs, logs: new Logs(host), cloudwatch: new CloudWatch(host), callers });
    return [
      { definition: SQS, state: sqs },
      { definition: LAMBDA, state: lambda },
    ];
  };
  const services = await startServices(create, { clock, storage, callers });
  const client = new SQSClient(services.config);
  for (const QueueName of ["dead", "main"]) {
    const Attributes = QueueName === "main" ? queue : {};
    await client.send(new CreateQueueCommand({ QueueName, Attributes }));
  }
  await lambda?.addFunction(functionOf("f", code, { runtimeFile }));
  lambda?.addEventSourceMapping({
    queueArn: arnOf("main"),
    functionName: "f",
    batchSize: 10,
    windowSeconds: 0,
    reportBatchItemFailures: true,
    ...mapping,
  });
  const send = async (bodies: readonly string[]) => {
    for (let index = 0; index < bodies.length; index += 10) {
      const Entries = bodies.slice(index, index + 10).map((MessageBody, Id) => ({ Id: String(Id), MessageBody }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: `${services.endpoint}/000000000000/main`, Entries }));
    }
  };
  const stop = async () => {
    await lambda?.stop(Date.now() + 1_000);
    sqs?.stop();
    client.destroy();
    await services.stop();
  };
  return {
    services,
    attempts,
    send,
    stop,
    lambda: lambda as Lambda,
    queue: (name: string) => sqs?.queueByArn(arnOf(name)),
  };
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const bodies = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

/** Fails a message's first receives: body `fail-2` fails twice. */
const FAILING = `export async function handler({ Records }) {
  const failed = Records.filter(({ body, attributes }) =>
    Number(attributes.ApproximateReceiveCount) <= Number(/^fail-(.*)/.exec(body)?.[1] ?? 0));
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}`;

/** Changes the visibility timeout to 20 s, and works for 300 ms. */
const CHANGING = `export async function handler({ Records: [{ receiptHandle }] }) {
  const QueueUrl = process.env.AWS_ENDPOINT_URL + "/000000000000/main";
  const headers = { "x-amz-target": "AmazonSQS.ChangeMessageVisibility", "content-type": "application/x-amz-json-1.0" };
  const body = JSON.stringify({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: 20 });
  const { ok } = await fetch(process.env.AWS_ENDPOINT_URL, { method: "POST", headers, body });
  if (!ok) throw new Error("The visibility timeout was not changed.");
  await new Promise((resolve) => setTimeout(resolve, 300));
}`;

test.each([1, 60])("with a clock x %d under load, receives each message once", async (factor) => {
  const code = `export async function handler() { await new Promise((resolve) => setTimeout(resolve, 100)); }`;
  // At x 60, the visibility timeout is 50 ms of the machine, half of what a batch takes.
  const run = await start(new RunningClock(factor), code, {}, { VisibilityTimeout: "3" });
  await run.send(bodies(100));
  await until(() => run.attempts.length >= 100);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(run.attempts.map(({ receiveCount, error }) => [receiveCount, error])).toEqual(Array(100).fill([1, undefined]));
  expect(new Set(run.attempts.map(({ body }) => body)).size).toBe(100);
  expect(run.queue("main")?.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  await run.stop();
});

test("a function's own change of a visibility timeout follows the machine's clock, as the function does", async () => {
  const run = await start(new RunningClock(1_000), CHANGING, {}, { VisibilityTimeout: "30" });
  await run.send(["a"]);
  await until(() => run.attempts.length === 1);
  expect(run.attempts).toEqual([expect.objectContaining({ receiveCount: 1 })]);
  expect(run.attempts[0]?.error).toBeUndefined();
  expect(run.queue("main")?.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  await run.stop();
});

test("delivers a message again when its visibility timeout ends during the invocation", async () => {
  const code = `export async function handler({ Records: [{ attributes }] }) {
    if (attributes.ApproximateReceiveCount === "1") await new Promise((resolve) => setTimeout(resolve, 1_500));
  }`;
  const run = await start(new RunningClock(), code, {}, { VisibilityTimeout: "1" });
  await run.send(["slow"]);
  await until(() => run.attempts.length === 2);
  const counts = run.attempts.map(({ receiveCount }) => receiveCount);
  expect([Math.min(...counts), Math.max(...counts) > 1]).toEqual([1, true]);
  await run.stop();
});

test("with shuffled delivery, processes each message at least once", async () => {
  const run = await start(new RunningClock(), FAILING, { retryDelaySeconds: 0 }, {}, { shuffled: true, seed: 7 });
  const texts = [...bodies(60), "fail-1", "fail-2"];
  await run.send(texts);
  const succeeded = () => new Set(run.attempts.filter(({ error }) => error === undefined).map(({ body }) => body));
  await until(() => succeeded().size === texts.length && run.queue("main")?.counts().inFlight === 0);
  expect(run.attempts.length).toBeGreaterThan(texts.length);
  await run.stop();
});

test("a failed message waits for the rest of its visibility timeout, by the clock", async () => {
  const clock = new SteppedClock();
  const run = await start(clock, FAILING, {}, { VisibilityTimeout: "600" });
  await run.send(["fail-1", "ok"]);
  await until(() => run.attempts.length === 2);
  expect(run.attempts.find(({ body }) => body === "fail-1")?.error).toContain("batch item failure");
  await clock.advance(590_000);
  expect(run.queue("main")?.counts()).toMatchObject({ visible: 0, inFlight: 1 });
  await clock.advance(10_000);
  await until(() => run.attempts.length === 3);
  expect(run.attempts[2]).toMatchObject({ body: "fail-1", receiveCount: 2 });
  expect(run.attempts[2]?.error).toBeUndefined();
  await run.stop();
});

test("a message that always fails ends in the dead-letter queue", async () => {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 3 });
  const run = await start(new RunningClock(), FAILING, { retryDelaySeconds: 0 }, { RedrivePolicy });
  await run.send(["fail-9", "fail-2", "ok"]);
  await until(() => run.queue("dead")?.counts().visible === 1 && run.attempts.length === 7);
  const receives = (text: string) =>
    run.attempts.filter(({ body }) => body === text).map(({ receiveCount }) => receiveCount);
  expect([receives("fail-9"), receives("fail-2"), receives("ok")]).toEqual([[1, 2, 3], [1, 2, 3], [1]]);
  await run.stop();
});

test("a batch waits for the window, by the clock, or until it is full", async () => {
  const clock = new SteppedClock();
  const code = `export async function handler({ Records }) { if (Records.length < 7) throw new Error(String(Records.length)); }`;
  const mapping = { batchSize: 12, windowSeconds: 300, maximumConcurrency: 1, retryDelaySeconds: 0 };
  const run = await start(clock, code, { ...mapping, maximumConcurrency: 1 });
  await run.send(bodies(12));
  await until(() => run.attempts.length === 12);
  await run.send(bodies(7));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(run.attempts).toHaveLength(12);
  await clock.advance(300_000);
  await until(() => run.attempts.length === 19);
  expect(run.attempts.every(({ error }) => error === undefined)).toBe(true);
  await run.stop();
});

test("gives the function records in Lambda's format", async () => {
  const run = await start(
    new RunningClock(),
    "export const handler = async (event) => { throw new Error(JSON.stringify(event)); }",
    {
      retryDelaySeconds: 900,
    },
  );
  const client = new SQSClient(run.services.config);
  const MessageAttributes = {
    n: { DataType: "Number", StringValue: "1" },
    b: { DataType: "Binary", BinaryValue: Buffer.from("é") },
  };
  const Entries = [{ Id: "0", MessageBody: "body", MessageAttributes }];
  await client.send(new SendMessageBatchCommand({ QueueUrl: `${run.services.endpoint}/000000000000/main`, Entries }));
  await until(() => run.attempts.length === 1);
  const { Records } = JSON.parse(String(run.attempts[0]?.error).replace(/^Error: /, ""));
  expect(Records).toEqual([
    {
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      body: "body",
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {
        n: { dataType: "Number", stringValue: "1", stringListValues: [], binaryListValues: [] },
        b: {
          dataType: "Binary",
          binaryValue: Buffer.from("é").toString("base64"),
          stringListValues: [],
          binaryListValues: [],
        },
      },
      md5OfBody: "841a2d689ad86bd1611447453c22c6fc",
      eventSource: "aws:sqs",
      eventSourceARN: arnOf("main"),
      awsRegion: "us-east-1",
    },
  ]);
  client.destroy();
  await run.stop();
});

test("lists event source mappings", async () => {
  const run = await start(new RunningClock(), FAILING, { maximumConcurrency: 2, windowSeconds: 5 });
  const client = new LambdaClient(run.services.config);
  const list = async (input: object) =>
    (await client.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings;
  const mapping = {
    UUID: expect.any(String),
    EventSourceArn: arnOf("main"),
    FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    BatchSize: 10,
    MaximumBatchingWindowInSeconds: 5,
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    ScalingConfig: { MaximumConcurrency: 2 },
    State: "Enabled",
  };
  for (const input of [{}, { FunctionName: "f" }, { EventSourceArn: arnOf("main") }]) {
    expect(await list(input)).toEqual([expect.objectContaining(mapping)]);
  }
  expect(await list({ EventSourceArn: arnOf("dead") })).toEqual([]);
  await expect(list({ FunctionName: "none" })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  client.destroy();
  await run.stop();
});

test("finishes the current invocation when it stops, and ends it at the deadline", async () => {
  const code = `export const handler = ({ Records: [{ body }] }) => new Promise((resolve) => setTimeout(resolve, Number(body)));`;
  const run = await start(new RunningClock(), code, { retryDelaySeconds: 0 });
  await run.send(["300"]);
  await until(() => run.queue("main")?.counts().inFlight === 1);
  await run.lambda.stop(Date.now() + 2_000);
  expect(run.attempts).toEqual([expect.objectContaining({ body: "300", receiveCount: 1 })]);
  expect(run.attempts[0]?.error).toBeUndefined();
  await run.stop();
  const other = await start(new RunningClock(), code, { retryDelaySeconds: 0 });
  await other.send(["4000"]);
  await until(() => other.queue("main")?.counts().inFlight === 1);
  await other.lambda.stop(Date.now() + 50);
  expect(other.attempts).toEqual([expect.objectContaining({ error: "Runtime exited with error: signal: SIGKILL" })]);
  expect(other.queue("main")?.counts()).toMatchObject({ visible: 1 });
  expect(other.lambda.pids).toEqual([]);
  await other.stop();
});

test("ends a process that still loads its handler when it stops, and starts none afterwards", async () => {
  const code = `await new Promise((resolve) => setTimeout(resolve, 200));
    export const handler = () => new Promise((resolve) => setTimeout(resolve, 3_000));`;
  const run = await start(new RunningClock(), code, {});
  // Two batches need a second process.
  await run.send(bodies(1));
  await until(() => run.queue("main")?.counts().inFlight === 1);
  await run.send(bodies(1));
  await until(() => run.lambda.pids.length === 2);
  const stopping = performance.now();
  await run.lambda.stop(Date.now());
  expect(performance.now() - stopping).toBeLessThan(1_000);
  expect(run.lambda.pids).toEqual([]);
  expect(run.attempts.map(({ error }) => error)).toEqual(Array(2).fill("Runtime exited with error: signal: SIGKILL"));
  const [fn] = run.lambda.functions;
  await expect(fn?.invoke({})).rejects.toThrow("The function f is stopped.");
  await run.stop();
});
