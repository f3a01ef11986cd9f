import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  PublishCommand,
  type PublishCommandInput,
} from "@aws-sdk/client-sns";
import { receive } from "@event-pipeline/testing/queues";
import { BUCKET_ARN, type Messaging, ROLE_ARN, startMessaging, until } from "../messaging";

let aws: Messaging;
let TopicArn: string;
let queue: { readonly arn: string; readonly url: string };
let rawQueue: typeof queue;

beforeAll(async () => {
  aws = await startMessaging();
  TopicArn = await aws.createTopic("events");
  queue = await aws.queue("events");
  rawQueue = await aws.queue("raw");
  const destination = { RoleARN: ROLE_ARN, BucketARN: BUCKET_ARN };
  const { stored } = aws.streams.createStream({ name: "archive", destination, bufferingMs: 0 });
  await aws.subscribe(TopicArn, queue.arn);
  await aws.subscribe(TopicArn, rawQueue.arn, { RawMessageDelivery: "true" });
  await aws.subscribe(TopicArn, stored.arn, { SubscriptionRoleArn: ROLE_ARN });
});

afterAll(() => aws.stop());

async function publish(input: Partial<PublishCommandInput> = {}): Promise<string> {
  const { MessageId } = await aws.sns.send(new PublishCommand({ TopicArn, Message: "fine", ...input }));
  return String(MessageId);
}

function publishBatch(...entries: Partial<PublishBatchRequestEntry>[]) {
  const PublishBatchRequestEntries = entries.map((entry, index) => ({
    Id: `entry-${index}`,
    Message: "fine",
    ...entry,
  }));
  return aws.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
}

/** Receives and hides all messages of a queue. */
const received = (url: string) => receive(aws.sqs, url, { VisibilityTimeout: 43_200 });

async function envelopes(): Promise<Record<string, unknown>[]> {
  return (await received(queue.url)).map(({ Body }) => JSON.parse(String(Body)));
}

/** Returns a message's record in the delivery stream, once it is in an object. */
async function archived(messageId: string): Promise<string> {
  const record = () => aws.observed.delivered.flatMap(([records]) => records).find((each) => each.includes(messageId));
  await until(() => record() !== undefined);
  return String(record());
}

afterEach(async () => {
  await received(queue.url);
  await received(rawQueue.url);
});

const error = (name: string, message: string) =>
  expect.objectContaining({ name, message: expect.stringContaining(message) });

describe("MessageStructure json", () => {
  const texts = { default: "by default", sqs: "for queues", firehose: "for streams", email: "not here" };

  test("delivers the text of each protocol", async () => {
    const id = await publish({ Message: JSON.stringify(texts), MessageStructure: "json" });
    expect(await envelopes()).toMatchObject([{ Message: "for queues" }]);
    expect(await received(rawQueue.url)).toMatchObject([{ Body: "for queues" }]);
    expect(JSON.parse(await archived(id))).toMatchObject({ MessageId: id, Message: "for streams" });
  });

  test("delivers the default to other protocols, and to those whose text is not a string", async () => {
    const structured = (message: object) => ({ Message: JSON.stringify(message), MessageStructure: "json" });
    await publishBatch(structured({ default: "a", sqs: 5 }), structured({ default: "b", email: "x" }), {
      Message: "{}",
    });
    expect((await received(rawQueue.url)).map(({ Body }) => Body)).toEqual(["a", "b", "{}"]);
  });
});

describe("Publish rejects, and PublishBatch reports for the entry alone,", () => {
  const attribute = (name: string, DataType: string, value: object) => ({
    MessageAttributes: { [name]: { DataType, ...value } },
  });
  const text = (StringValue: string) => ({ StringValue });
  const json = (Message: string) => ({ Message, MessageStructure: "json" });
  const [parameter, value] = ["InvalidParameter", "ParameterValueInvalid"];

  test.each<[string, Partial<PublishCommandInput>, string, string]>([
    ["an empty message", { Message: "" }, parameter, "Invalid parameter: Empty message"],
    ["a Subject with a line break", { Subject: "a\nb" }, parameter, "Invalid parameter: Subject"],
    ["a Subject of a hundred characters", { Subject: "x".repeat(100) }, parameter, "1 to 99 characters"],
    ["an empty Subject", { Subject: "" }, parameter, "Invalid parameter: Subject"],
    ["an unknown structure", { MessageStructure: "xml" }, parameter, 'not "xml"'],
    ["a structure that is not JSON", json("{"), parameter, "Message Structure - JSON message body failed to parse"],
    ["a structure that is a list", json('["default"]'), parameter, "JSON message body failed to parse"],
    ["a structure without a default", json('{"sqs":"x"}'), parameter, "No default entry in JSON message body"],
    ["a structure with another default", json('{"default":{}}'), parameter, "No default entry in JSON message body"],
    [
      "a deduplication ID",
      { MessageDeduplicationId: "d" },
      parameter,
      "MessageDeduplicationId parameter that is not valid",
    ],
    ["a group ID with a space", { MessageGroupId: "a b" }, parameter, "MessageGroupId"],
    ["a long group ID", { MessageGroupId: "g".repeat(129) }, parameter, "MessageGroupId"],
    ["a Number that is not a number", attribute("n", "Number", text("abc")), value, "the value 'abc'"],
    ["a labeled Number in hexadecimal", attribute("n", "Number.int", text("0x1F")), value, "not a number"],
    ["an unknown type", attribute("n", "Text", text("a")), value, "has the type 'Text'"],
    ["a type with an empty label", attribute("n", "String.", text("a")), value, "has the type 'String.'"],
    ["an empty value", attribute("n", "String", text("")), value, "must have a non-empty value"],
    ["bytes for a String", attribute("n", "String", { BinaryValue: Buffer.from("a") }), value, "non-empty value"],
    ["a text for a Binary", attribute("n", "Binary", text("a")), value, "non-empty value"],
    ["a name with a space", attribute("a b", "String", text("a")), value, "must have a name of 1 to 256"],
    ["a name with consecutive dots", attribute("a..b", "String", text("a")), value, "no consecutive dots"],
    ["a reserved name", attribute("AWS.x", "String", text("a")), value, "begins with AWS."],
  ])("%s", async (_name, input, code, message) => {
    const name = code === parameter ? "InvalidParameterException" : "InvalidParameterValueException";
    await expect(publish(input)).rejects.toEqual(error(name, message));
    const { Successful, Failed } = await publishBatch({}, input, { Message: "also fine" });
    expect(Successful?.map(({ Id }) => Id)).toEqual(["entry-0", "entry-2"]);
    expect(Failed).toEqual([
      { Id: "entry-1", Code: code, Message: expect.stringContaining(message), SenderFault: true },
    ]);
    expect((await received(rawQueue.url)).map(({ Body }) => Body)).toEqual(["fine", "also fine"]);
  });
});

test.each<[string, Partial<PublishBatchRequestEntry>[], string]>([
  ["no entries", [], "EmptyBatchRequestException"],
  ["eleven entries", Array(11).fill({}), "TooManyEntriesInBatchRequestException"],
  ["an Id with a space", [{ Id: "a b" }], "InvalidBatchEntryIdException"],
  ["a duplicate Id", [{ Id: "a" }, { Id: "a" }], "BatchEntryIdsNotDistinctException"],
])("PublishBatch rejects %s", async (_name, entries, name) => {
  await expect(publishBatch(...entries)).rejects.toEqual(expect.objectContaining({ name }));
  expect(await received(rawQueue.url)).toEqual([]);
});

describe("the limit of a topic", () => {
  const MessageAttributes = { n: { DataType: "String", StringValue: "x".repeat(1_000) } };

  test.each([
    ["256 KiB by default", undefined, 262_144],
    ["its MaximumMessageSize, if it is smaller", "1024", 1_024],
    ["its MaximumMessageSize, if it is larger", "1048576", 1_048_576],
  ])("is %s, including attributes, for a message and for a batch", async (_what, size, limit) => {
    const topic = await aws.createTopic(`limited-${limit}`, size === undefined ? {} : { MaximumMessageSize: size });
    const large = await aws.queue(`limited-${limit}`, { MaximumMessageSize: "1048576" });
    await aws.subscribe(topic, large.arn, { RawMessageDelivery: "true" });
    const Message = "x".repeat(limit - 1_000 - "nString".length);
    await expect(publish({ TopicArn: topic, Message: `${Message}x`, MessageAttributes })).rejects.toEqual(
      error("InvalidParameterException", `Message too long: ${limit + 1} bytes`),
    );
    await publish({ TopicArn: topic, Message, MessageAttributes });
    const half = "ü".repeat(limit / 4);
    const batch = (...messages: string[]) => {
      const PublishBatchRequestEntries = messages.map((each, index) => ({ Id: String(index), Message: each }));
      return aws.sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries }));
    };
    await expect(batch(half, `${half}x`)).rejects.toEqual(
      error("BatchRequestTooLongException", `The messages have ${limit + 1} bytes`),
    );
    expect((await batch(half, half)).Successful).toHaveLength(2);
    const sizes = [];
    while (sizes.length < 3) for (const { Body = "" } of await received(large.url)) sizes.push(Buffer.byteLength(Body));
    expect(sizes).toEqual([limit - 1_007, limit / 2, limit / 2]);
  });
});

test("rejects a missing topic, no topic and two topics; answers 501 to a phone number", async () => {
  const gone = "arn:aws:sns:us-east-1:000000000000:gone";
  await expect(publish({ TopicArn: gone })).rejects.toEqual(
    error("NotFoundException", `Topic does not exist: ${gone}`),
  );
  await expect(publish({ TopicArn: "gone" })).rejects.toEqual(
    error("InvalidParameterException", "TopicArn Reason: An ARN must have at least 6 elements, not 1"),
  );
  await expect(publish({ TopicArn: undefined })).rejects.toEqual(
    error("InvalidParameterException", "TopicArn or TargetArn Reason"),
  );
  await expect(publish({ TargetArn: TopicArn })).rejects.toEqual(error("InvalidParameterException", "not both"));
  await publish({ TopicArn: undefined, TargetArn: TopicArn });
  await expect(publish({ TopicArn: undefined, PhoneNumber: "+123456789" })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
    message: expect.stringContaining("SNS Publish with PhoneNumber"),
  });
});

test("delivers SNS's envelope: the same message to a queue and a stream, but a signature only to the queue", async () => {
  const MessageAttributes = {
    text: { DataType: "String", StringValue: "é😀" },
    bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
    __proto__x: { DataType: "Number", StringValue: "1" },
  };
  const Message = '{"type":"archived","text":"é😀\u0001\\n"}';
  const id = await publish({ Message, Subject: 'Ein "Thema"', MessageAttributes });
  const [message] = await received(queue.url);
  const body = String(message?.Body);
  const envelope = JSON.parse(body);
  const { UnsubscribeURL, Timestamp } = envelope;
  const expected = {
    Type: "Notification",
    MessageId: id,
    TopicArn,
    Subject: 'Ein "Thema"',
    Message,
    Timestamp,
    SignatureVersion: "1",
    Signature: "EXAMPLE",
    SigningCertURL: expect.stringMatching(
      /^https:\/\/sns\.us-east-1\.amazonaws\.com\/SimpleNotificationService-\w+\.pem$/,
    ),
    UnsubscribeURL,
    MessageAttributes: {
      text: { Type: "String", Value: "é😀" },
      bytes: { Type: "Binary", Value: "AP8=" },
      __proto__x: { Type: "Number", Value: "1" },
    },
  };
  expect(envelope).toEqual(expected);
  expect(Object.keys(envelope)).toEqual(Object.keys(expected));
  expect(body).toBe(JSON.stringify(envelope));
  expect(message?.MessageAttributes).toBeUndefined();
  expect(Timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(UnsubscribeURL).toMatch(
    /^https:\/\/sns\.us-east-1\.amazonaws\.com\/\?Action=Unsubscribe&SubscriptionArn=arn:/,
  );
  const record = await archived(id);
  const { SignatureVersion, Signature, SigningCertURL, ...unsigned } = expected;
  expect(JSON.parse(record)).toEqual({ ...unsigned, UnsubscribeURL: expect.not.stringContaining(UnsubscribeURL) });
  expect(Object.keys(JSON.parse(record))).toEqual(Object.keys(unsigned));
  expect(record).toMatch(/\}\n$/);
  const bare = JSON.parse(await archived(await publish()));
  expect(Object.keys(bare)).toEqual(["Type", "MessageId", "TopicArn", "Message", "Timestamp", "UnsubscribeURL"]);
});

test("delivers a raw message with its attributes, and the message group to fair queues", async () => {
  const MessageAttributes = {
    n: { DataType: "Number.int", StringValue: "1" },
    b: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2]) },
  };
  await publish({ Message: "raw", MessageAttributes, MessageGroupId: "tenant-1" });
  const [raw] = await received(rawQueue.url);
  expect(raw).toMatchObject({ Body: "raw", MessageAttributes, Attributes: { MessageGroupId: "tenant-1" } });
  const [wrapped] = await received(queue.url);
  expect(wrapped).toMatchObject({ Attributes: { MessageGroupId: "tenant-1" } });
});

test("signs by the topic's signature version", async () => {
  const topic = await aws.createTopic("signed", { SignatureVersion: "2" });
  await aws.subscribe(topic, queue.arn);
  await publish({ TopicArn: topic });
  expect(await envelopes()).toMatchObject([{ SignatureVersion: "2" }]);
});

test("passes the publisher's trace header to queues", async () => {
  const body = new URLSearchParams({ Action: "Publish", Version: "2010-03-31", TopicArn, Message: "traced" });
  const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
  await fetch(aws.endpoint, { method: "POST", body, headers: { "X-Amzn-Trace-Id": trace } });
  expect(await received(queue.url)).toMatchObject([{ Attributes: { AWSTraceHeader: trace } }]);
});
