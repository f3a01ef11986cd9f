import { gunzipSync } from "node:zlib";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  PublishCommand,
  type PublishCommandInput,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { createQueue, receive } from "@event-pipeline/testing/queues";

let run: LocalRun;

beforeAll(async () => {
  run = await LocalRun.start("--archive-interval", "0");
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function publish(input: Partial<PublishCommandInput>): Promise<string> {
  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message: '{"type":"a"}', ...input });
  return String((await run.clients.sns.send(command)).MessageId);
}

function publishBatch(...entries: Partial<PublishBatchRequestEntry>[]) {
  const PublishBatchRequestEntries = entries.map((entry, index) => ({
    Id: `entry-${index}`,
    Message: "fine",
    ...entry,
  }));
  return run.clients.sns.send(
    new PublishBatchCommand({ TopicArn: run.output("topic_arn"), PublishBatchRequestEntries }),
  );
}

/** Creates a queue that is subscribed to the topic, and returns its URL. */
async function subscribedQueue(name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { arn, url } = await createQueue(run.clients.sqs, name);
  const TopicArn = run.output("topic_arn");
  await run.clients.sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: arn, Attributes }));
  return url;
}

/** Returns a message's line in the archive. */
async function archivedLine(messageId: string): Promise<string> {
  const { detail } = await run.waitForHop(messageId, "archived");
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(String(detail.object)) ?? [];
  const { Body } = await run.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
  const lines = gunzipSync((await Body?.transformToByteArray()) ?? "")
    .toString()
    .split("\n");
  return String(lines.find((line) => line.includes(messageId)));
}

const error = (name: string, message: string) =>
  expect.objectContaining({ name, message: expect.stringContaining(message) });

describe("MessageStructure json", () => {
  const texts = { default: '{"type":"by.default","id":"d"}', sqs: '{"type":"by.sqs","id":"s"}', email: "not here" };

  test("delivers the `sqs` text to queues and the `default` text to the delivery stream", async () => {
    const url = await subscribedQueue("structured", { RawMessageDelivery: "true" });
    const id = await publish({ Message: JSON.stringify(texts), MessageStructure: "json" });
    expect((await run.waitForHop(id, "stored")).detail).toMatchObject({ event_type: "by.sqs" });
    expect(JSON.parse(await archivedLine(id))).toMatchObject({ MessageId: id, Message: texts.default });
    expect(await receive(run.clients.sqs, url)).toMatchObject([{ Body: texts.sqs }]);
  });

  test("delivers the `firehose` text to the delivery stream, for each entry of a batch", async () => {
    const first = { default: '{"type":"first"}', firehose: '{"type":"streamed"}', sqs: 5 };
    const { Successful = [] } = await publishBatch(
      { Message: JSON.stringify(first), MessageStructure: "json" },
      { Message: JSON.stringify(texts) },
    );
    const [structured = "", plain = ""] = Successful.map(({ MessageId }) => String(MessageId));
    expect((await run.waitForHop(structured, "stored")).detail).toMatchObject({ event_type: "first" });
    expect(JSON.parse(await archivedLine(structured))).toMatchObject({ Message: first.firehose });
    expect(JSON.parse(await archivedLine(plain))).toMatchObject({ Message: JSON.stringify(texts) });
  });

  test.each([
    ["text that is not JSON", "{", "Message Structure - JSON message body failed to parse"],
    ["JSON that is not an object", '["default"]', "Message Structure - JSON message body failed to parse"],
    ["a map without a default", '{"sqs":"x"}', "Message Structure - No default entry in JSON message body"],
    ["a default that is not a string", '{"default":{}}', "Message Structure - No default entry in JSON message body"],
  ])("rejects %s", async (_name, Message, reason) => {
    const rejection = error("InvalidParameterException", `Invalid parameter: ${reason}`);
    await expect(publish({ Message, MessageStructure: "json" })).rejects.toEqual(rejection);
    await expect(publishBatch({}, { Message, MessageStructure: "json" })).rejects.toEqual(rejection);
  });

  test("rejects any other structure", async () => {
    await expect(publish({ MessageStructure: "xml" })).rejects.toEqual(error("InvalidParameterException", 'not "xml"'));
  });
});

describe("Publish and PublishBatch reject", () => {
  const attribute = (name: string, DataType: string, StringValue: string) => ({
    MessageAttributes: { [name]: { DataType, StringValue } },
  });

  test.each<[string, Partial<PublishCommandInput>, string, string]>([
    ["a Subject with a line break", { Subject: "a\nb" }, "InvalidParameterException", "Invalid parameter: Subject"],
    [
      "a Subject of a hundred characters",
      { Subject: "x".repeat(100) },
      "InvalidParameterException",
      "1 to 99 characters",
    ],
    ["an empty Subject", { Subject: "" }, "InvalidParameterException", "Invalid parameter: Subject"],
    [
      "a Number that is not a number",
      attribute("n", "Number", "abc"),
      "InvalidParameterValueException",
      "the value 'abc'",
    ],
    ["a Number in hexadecimal", attribute("n", "Number", "0x1F"), "InvalidParameterValueException", "not a number"],
    ["an unknown type", attribute("n", "Text", "a"), "InvalidParameterValueException", "has the type 'Text'"],
    ["an empty value", attribute("n", "String", ""), "InvalidParameterValueException", "must have a non-empty value"],
    [
      "a name with a space",
      attribute("a b", "String", "a"),
      "InvalidParameterValueException",
      "must have a name of 1 to 256",
    ],
    [
      "a name with consecutive dots",
      attribute("a..b", "String", "a"),
      "InvalidParameterValueException",
      "no consecutive dots",
    ],
    ["a reserved name", attribute("AWS.x", "String", "a"), "InvalidParameterValueException", "begins with AWS."],
  ])("%s", async (_name, input, name, message) => {
    await expect(publish(input)).rejects.toEqual(error(name, message));
    const { MessageAttributes, Subject } = input;
    await expect(publishBatch({}, { Message: "not fine", MessageAttributes, Subject })).rejects.toEqual(
      error(name, message),
    );
  });

  test("an empty message", async () => {
    const empty = error("InvalidParameterException", "Invalid parameter: Empty message");
    await expect(publish({ Message: "" })).rejects.toEqual(empty);
    await expect(publishBatch({}, { Message: "" })).rejects.toEqual(empty);
  });

  test("a message above 256 KiB including attributes", async () => {
    const MessageAttributes = { n: { DataType: "String", StringValue: "x".repeat(1_000) } };
    const Message = "x".repeat(261_144 - "nString".length);
    await expect(publish({ Message: `${Message}x`, MessageAttributes })).rejects.toEqual(
      error("InvalidParameterException", "Message too long: 262145 bytes"),
    );
    await run.waitForHop(await publish({ Message, MessageAttributes }), "published");
  });

  test("a batch above 256 KiB in total", async () => {
    const Message = "ü".repeat(65_536);
    await expect(publishBatch({ Message }, { Message: `${Message}x` })).rejects.toEqual(
      error("BatchRequestTooLongException", "The messages have 262145 bytes"),
    );
    expect((await publishBatch({ Message }, { Message })).Successful).toHaveLength(2);
  });

  test.each<[string, Partial<PublishBatchRequestEntry>[], string]>([
    ["no entries", [], "EmptyBatchRequestException"],
    ["eleven entries", Array(11).fill({}), "TooManyEntriesInBatchRequestException"],
    ["an Id with a space", [{ Id: "a b" }], "InvalidBatchEntryIdException"],
    ["a duplicate Id", [{ Id: "a" }, { Id: "a" }], "BatchEntryIdsNotDistinctException"],
  ])("a batch with %s", async (_name, entries, name) => {
    await expect(publishBatch(...entries)).rejects.toEqual(expect.objectContaining({ name }));
  });

  test("the whole batch if one message is invalid", async () => {
    const { length } = run.hops("published");
    await expect(publishBatch({}, { Message: "" })).rejects.toBeDefined();
    await run.waitForHop(await publish({}), "published");
    expect(run.hops("published")).toHaveLength(length + 1);
  });

  test("a missing topic, a phone number, and two targets", async () => {
    const TopicArn = "arn:aws:sns:us-east-1:000000000000:gone";
    await expect(publish({ TopicArn })).rejects.toEqual(
      error("NotFoundException", `Topic does not exist: ${TopicArn}`),
    );
    await expect(publish({ TopicArn: undefined, PhoneNumber: "+123456789" })).rejects.toEqual(
      error("InvalidParameterException", "PhoneNumber"),
    );
    await publish({ TopicArn: undefined, TargetArn: run.output("topic_arn") });
    await expect(publish({ TargetArn: run.output("topic_arn") })).rejects.toEqual(
      error("InvalidParameterException", "expected one of them, not both"),
    );
  });
});

test("archives the fields that SNS documents for Firehose, without a signature", async () => {
  const MessageAttributes = {
    text: { DataType: "String", StringValue: "é😀" },
    bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
  };
  const Message = '{"type":"archived","text":"é😀\\n"}';
  const id = await publish({ Message, Subject: "Ein Thema", MessageAttributes });
  const line = JSON.parse(await archivedLine(id));
  expect(Object.keys(line)).toEqual([
    "Type",
    "MessageId",
    "TopicArn",
    "Subject",
    "Message",
    "Timestamp",
    "UnsubscribeURL",
    "MessageAttributes",
  ]);
  expect(line).toMatchObject({
    Type: "Notification",
    MessageId: id,
    TopicArn: run.output("topic_arn"),
    Subject: "Ein Thema",
    Message,
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    UnsubscribeURL: expect.stringContaining("&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:local-events:"),
    MessageAttributes: { text: { Type: "String", Value: "é😀" }, bytes: { Type: "Binary", Value: "AP8=" } },
  });
  const bare = JSON.parse(await archivedLine(await publish({})));
  expect(Object.keys(bare)).toEqual(["Type", "MessageId", "TopicArn", "Message", "Timestamp", "UnsubscribeURL"]);
});

test("delivers the same MessageId and Timestamp to a queue and the archive, but signs only the queue's message", async () => {
  const url = await subscribedQueue("signed");
  const id = await publish({ Subject: "s" });
  const [message] = await receive(run.clients.sqs, url);
  const envelope = JSON.parse(String(message?.Body));
  expect(Object.keys(envelope)).toEqual([
    "Type",
    "MessageId",
    "TopicArn",
    "Subject",
    "Message",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertURL",
    "UnsubscribeURL",
  ]);
  const { MessageId, Timestamp, Message } = envelope;
  expect(JSON.parse(await archivedLine(id))).toMatchObject({ MessageId, Timestamp, Message });
});

test("reports a raw message with more than 10 attributes, which no queue accepts", async () => {
  await subscribedQueue("raw", { RawMessageDelivery: "true" });
  const names = Array.from({ length: 11 }, (_, index) => `a${index}`);
  const MessageAttributes = Object.fromEntries(names.map((name) => [name, { DataType: "String", StringValue: "x" }]));
  const id = await publish({ MessageAttributes });
  await run.waitForHop(id, "stored");
  const notes = run.lines.filter(({ kind, message }) => kind === "note" && String(message).includes(id));
  expect(notes.map(({ message }) => message)).toContainEqual(
    expect.stringContaining(
      "the raw message has 11 attributes, and the limit of raw is 10; the subscription has no redrive policy.",
    ),
  );
});
