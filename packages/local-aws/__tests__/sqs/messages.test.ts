// Tests message attributes and invalid messages.
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import fc from "fast-check";

let run: LocalRun;
let sqs: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  run = await LocalRun.start();
  sqs = run.clients.sqs;
  const { QueueUrl: url } = await sqs.send(
    new CreateQueueCommand({ QueueName: "messages", Attributes: { VisibilityTimeout: "0" } }),
  );
  QueueUrl = String(url);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

const text = (StringValue: string): MessageAttributeValue => ({ DataType: "String", StringValue });

/** Creates a queue for one test, and returns its URL. */
async function ownQueue(): Promise<string> {
  const { QueueUrl: url } = await sqs.send(
    new CreateQueueCommand({ QueueName: `own-${Math.random()}`.replace(".", "") }),
  );
  return String(url);
}

test("returns only the attributes that are requested by name, prefix or All, with their digest", async () => {
  const url = await ownQueue();
  const MessageAttributes = {
    error_code: text("NOT_JSON"),
    "trace.id": text("1"),
    "trace.span": { DataType: "Number.int", StringValue: "7" },
    traces: text("no prefix of trace."),
    bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) },
  };
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "m", MessageAttributes }));
  const names = fc.subarray(["error_code", "trace.id", "trace.*", "bytes", "absent", "All", ".*", "trac"]);
  await fc.assert(
    fc.asyncProperty(names, async (MessageAttributeNames) => {
      // The SDK verifies only the body's digest. The next test verifies the attributes' digest, as the Java SDK does.
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames, VisibilityTimeout: 0 }),
      );
      const wanted = Object.keys(MessageAttributes).filter((name) =>
        MessageAttributeNames.some(
          (asked) => ["All", ".*", name].includes(asked) || (asked === "trace.*" && name.startsWith("trace.")),
        ),
      );
      expect(Object.keys(Messages?.[0]?.MessageAttributes ?? {}).sort()).toEqual([...wanted].sort());
      expect(Messages?.[0]?.MD5OfMessageAttributes === undefined).toBe(wanted.length === 0);
    }),
    { numRuns: 60 },
  );
});

test("returns the digest of only the returned attributes", async () => {
  const [whole, part] = [await ownQueue(), await ownQueue()];
  const MessageBody = "m";
  const error = { error_code: text("NOT_JSON") };
  const other = { original_message_id: text("1") };
  await sqs.send(new SendMessageCommand({ QueueUrl: whole, MessageBody, MessageAttributes: { ...error, ...other } }));
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl: part, MessageBody, MessageAttributes: error }));
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: whole, MessageAttributeNames: ["error_code"] }),
  );
  expect(Messages?.[0]?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
});

test.each(["AttributeNames", "MessageSystemAttributeNames"] as const)(
  "%s selects the system attributes to return",
  async (names) => {
    const url = await ownQueue();
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "m" }));
    const receive = async (...wanted: string[]) => {
      const input = { QueueUrl: url, VisibilityTimeout: 0, [names]: wanted };
      const { Messages } = await sqs.send(new ReceiveMessageCommand(input));
      return Messages?.[0]?.Attributes;
    };
    expect(await receive()).toBeUndefined();
    expect(await receive("ApproximateReceiveCount")).toEqual({ ApproximateReceiveCount: "2" });
    expect(await receive("All")).toMatchObject({ SenderId: "000000000000", ApproximateReceiveCount: "3" });
    await expect(receive("NoSuchThing")).rejects.toThrow("Unknown Attribute NoSuchThing.");
  },
);

test.each([
  [
    "a Number that is not a number",
    { n: { DataType: "Number", StringValue: "abc" } },
    "not a number with at most 38 digits",
  ],
  ["39 digits", { n: { DataType: "Number", StringValue: "1".repeat(39) } }, "not a number with at most 38 digits"],
  ["an unknown type", { n: { DataType: "Date", StringValue: "x" } }, "must begin with String"],
  ["an empty string", { n: { DataType: "String", StringValue: "" } }, "non-empty value"],
  ["no value", { n: { DataType: "Binary" } }, "non-empty value"],
  ["a reserved name", { "AWS.x": text("x") }, "'AWS.x' must not have"],
  ["a name with a space", { "a b": text("x") }, "'a b' must have a name"],
  ["eleven attributes", Object.fromEntries([..."abcdefghijk"].map((name) => [name, text("x")])), "exceeds the allowed"],
])("rejects attributes: %s", async (_what, MessageAttributes, message) => {
  const MessageBody = "m";
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }))).rejects.toThrow(message);
  const Entries = [
    { Id: "bad", MessageBody, MessageAttributes },
    { Id: "good", MessageBody },
  ];
  const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(Failed).toEqual([expect.objectContaining({ Id: "bad", Code: "InvalidParameterValue", SenderFault: true })]);
  expect(Successful?.map(({ Id }) => Id)).toEqual(["good"]);
});

const entry = (Id: string, MessageBody = "m") => ({ Id, MessageBody });

test.each([
  ["no entry", [], "EmptyBatchRequest"],
  ["eleven entries", [..."abcdefghijk"].map((id) => entry(id)), "TooManyEntriesInBatchRequest"],
  ["a duplicate ID", [entry("a"), entry("a")], "BatchEntryIdsNotDistinct"],
  ["an ID of 81 characters", [entry("a".repeat(81))], "InvalidBatchEntryId"],
  ["an empty message", [entry("a"), entry("b", "")], "MissingParameter"],
  [
    "more than 1 MiB in total",
    [entry("a", "x".repeat(600_000)), entry("b", "x".repeat(600_000))],
    "BatchRequestTooLong",
  ],
])("rejects the whole batch: %s", async (_what, Entries, name) => {
  const sent = sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  await expect(sent).rejects.toMatchObject({ name: expect.stringContaining(name) });
});

test.each([-1, 901])("rejects a delay of %d s", async (DelaySeconds) => {
  const sent = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "m", DelaySeconds }));
  await expect(sent).rejects.toThrow("DelaySeconds");
});

test("rejects a malformed receipt handle, and accepts the batch's other entries", async () => {
  const url = await ownQueue();
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "m" }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url }));
  const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
  const nonsense = sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: "nonsense" }));
  await expect(nonsense).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
  const Entries = [
    { Id: "nonsense", ReceiptHandle: "nonsense" },
    { Id: "given", ReceiptHandle },
  ];
  const { Successful, Failed } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  expect([Successful, Failed?.map(({ Id, Code }) => [Id, Code])]).toEqual([
    [{ Id: "given" }],
    [["nonsense", "ReceiptHandleIsInvalid"]],
  ]);
  // Deleting a deleted message again is not an error.
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
});

test("rejects AWSTraceHeader", async () => {
  const trace = { DataType: "String", StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793" } as const;
  const input = { QueueUrl, MessageBody: "m", MessageSystemAttributes: { AWSTraceHeader: trace } };
  await expect(sqs.send(new SendMessageCommand(input))).rejects.toThrow("does not support MessageSystemAttributes");
});

test.each([0, 11])("rejects a MaxNumberOfMessages of %d", async (MaxNumberOfMessages) => {
  const received = sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages }));
  await expect(received).rejects.toThrow("MaxNumberOfMessages");
});

test("returns a dead-lettered message's source queue", async () => {
  const [source, deadLetters] = [await ownQueue(), await ownQueue()];
  const arnOf = (url: string) => `arn:aws:sqs:us-east-1:000000000000:${url.slice(url.lastIndexOf("/") + 1)}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount: 1 });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: source, Attributes: { RedrivePolicy } }));
  await sqs.send(new SendMessageCommand({ QueueUrl: source, MessageBody: "m" }));
  for (let times = 0; times < 2; times++) {
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: source, VisibilityTimeout: 0 }));
  }
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: deadLetters, MessageSystemAttributeNames: ["DeadLetterQueueSourceArn"] }),
  );
  expect(Messages?.[0]?.Attributes).toEqual({ DeadLetterQueueSourceArn: arnOf(source) });
});
