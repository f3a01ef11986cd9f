// Tests message attributes and invalid messages.
import {
  ChangeMessageVisibilityCommand,
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
import fc from "fast-check";
import { type StartedSqs, startSqs } from "./start-sqs";

let started: StartedSqs;
let sqs: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  started = await startSqs();
  sqs = started.clients.json;
  const { QueueUrl: url } = await sqs.send(
    new CreateQueueCommand({ QueueName: "messages", Attributes: { VisibilityTimeout: "0" } }),
  );
  QueueUrl = String(url);
});

afterAll(() => started.stop());

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

test.each([
  ["AttributeNames", "json"],
  ["MessageSystemAttributeNames", "json"],
  ["AttributeNames", "query"],
  ["MessageSystemAttributeNames", "query"],
] as const)("%s selects the system attributes to return in the %s protocol", async (names, protocol) => {
  const url = await ownQueue();
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "m" }));
  const receive = async (...wanted: string[]) => {
    const input = { QueueUrl: url, VisibilityTimeout: 0, [names]: wanted };
    const { Messages } = await started.clients[protocol].send(new ReceiveMessageCommand(input));
    return Messages?.[0]?.Attributes;
  };
  expect(await receive()).toBeUndefined();
  expect(await receive("ApproximateReceiveCount")).toEqual({ ApproximateReceiveCount: "2" });
  expect(await receive("All")).toMatchObject({ SenderId: "AIDALOCAL", ApproximateReceiveCount: "3" });
  await expect(receive("NoSuchThing")).rejects.toThrow("Unknown Attribute NoSuchThing.");
});

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
  const changed = sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: "nonsense", VisibilityTimeout: 0 }),
  );
  await expect(changed).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
  const elsewhere = sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  await expect(elsewhere).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
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

test("returns AWSTraceHeader and the message group, and the digest of AWSTraceHeader", async () => {
  const trace = "Root=1-5759e988-bd862e3fe1be46a994272793";
  for (const client of Object.values(started.clients)) {
    const url = await ownQueue();
    const { MD5OfMessageSystemAttributes } = await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: "m",
        MessageGroupId: "tenant-1",
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: trace } },
      }),
    );
    expect(MD5OfMessageSystemAttributes).toBe("62a56dd927315f2b2e12832b84617ea5");
    const { Messages } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ["AWSTraceHeader", "MessageGroupId"] }),
    );
    expect(Messages?.[0]?.Attributes).toEqual({ AWSTraceHeader: trace, MessageGroupId: "tenant-1" });
  }
});

test.each([
  ["another system attribute", { MessageSystemAttributes: { Other: text("x") } as never }, "'Other' is invalid"],
  [
    "a binary AWSTraceHeader",
    { MessageSystemAttributes: { AWSTraceHeader: { DataType: "Binary", StringValue: "x" } } },
    "with the type String",
  ],
  ["MessageDeduplicationId", { MessageDeduplicationId: "d" }, "not valid for this queue type"],
  ["a group ID with a space", { MessageGroupId: "a b" }, "MessageGroupId can only include"],
  ["a group ID of 129 characters", { MessageGroupId: "g".repeat(129) }, "MessageGroupId can only include"],
  ["an attribute with an invalid character", { MessageAttributes: { a: text("\u0001") } }, "invalid characters"],
])("rejects %s", async (_what, input, message) => {
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "m", ...input }))).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message: expect.stringContaining(message),
  });
});

test.each(["\u0000", "\u001f", "\ufffe", "\uffff"])("rejects a body with the character %j", async (MessageBody) => {
  const sent = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await expect(sent).rejects.toMatchObject({ name: "InvalidMessageContents" });
});

test("accepts every character that XML allows", async () => {
  const url = await ownQueue();
  const Body = "\t\n\r \u0085\ud7ff\ue000\ufffd🐛\u{10ffff}]]>&<";
  for (const client of Object.values(started.clients)) {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: Body }));
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(Messages?.[0]?.Body).toBe(Body);
  }
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
