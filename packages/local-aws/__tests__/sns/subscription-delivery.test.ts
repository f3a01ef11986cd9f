import { PublishCommand, SetSubscriptionAttributesCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { receive } from "@event-pipeline/testing/queues";
import { BUCKET_ARN, type Messaging, ROLE_ARN, startMessaging } from "../messaging";

let aws: Messaging;
let TopicArn: string;
let deadLetters: { readonly arn: string; readonly url: string };
let RedrivePolicy: string;
const GONE = "arn:aws:sqs:us-east-1:000000000000:gone";

beforeEach(async () => {
  aws = await startMessaging();
  TopicArn = await aws.createTopic("events");
  deadLetters = await aws.queue("undelivered");
  RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn });
});

afterEach(() => aws.stop());

const structure = (Message: string) => ({ Message, MessageStructure: "json" });

async function publish(input: object = {}): Promise<string> {
  const { MessageId } = await aws.sns.send(new PublishCommand({ TopicArn, Message: "m", ...input }));
  return String(MessageId);
}

test("dead-letters the envelope of a message that is too large for the queue", async () => {
  const { arn, url } = await aws.queue("small", { MaximumMessageSize: "1024" });
  const subscriptionArn = await aws.subscribe(TopicArn, arn, { RedrivePolicy });
  const MessageId = await publish({ Message: "x".repeat(1_000), Subject: "kept", MessageGroupId: "g" });
  await publish();
  expect(await receive(aws.sqs, url)).toHaveLength(1);
  const [letter, ...others] = await receive(aws.sqs, deadLetters.url);
  expect(others).toEqual([]);
  expect(letter?.Attributes).toMatchObject({ MessageGroupId: "g" });
  const envelope = JSON.parse(String(letter?.Body));
  expect(envelope).toMatchObject({ MessageId, Subject: "kept", Message: "x".repeat(1_000) });
  expect(envelope.UnsubscribeURL).toContain(subscriptionArn);
  expect(aws.observed.undelivered).toEqual([]);
});

test("dead-letters a message once its queue was deleted", async () => {
  const { arn, url } = await aws.queue("deleted");
  await aws.subscribe(TopicArn, arn, { RedrivePolicy });
  await aws.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  const MessageId = await publish();
  const [letter] = await receive(aws.sqs, deadLetters.url);
  expect(JSON.parse(String(letter?.Body))).toMatchObject({ MessageId });
});

test("dead-letters raw messages that pass the filter policy, with their attributes", async () => {
  await aws.subscribe(TopicArn, GONE, {
    RawMessageDelivery: "true",
    RedrivePolicy,
    FilterPolicy: '{"kind":["wanted"]}',
  });
  const kind = (StringValue: string) => ({ MessageAttributes: { kind: { DataType: "String", StringValue } } });
  await publish(kind("other"));
  await publish(kind("wanted"));
  expect(await receive(aws.sqs, deadLetters.url)).toMatchObject([
    { Body: "m", MessageAttributes: { kind: { DataType: "String", StringValue: "wanted" } } },
  ]);
});

test("dead-letters what a delivery stream rejects, without the line break", async () => {
  const destination = { RoleARN: ROLE_ARN, BucketARN: BUCKET_ARN };
  const { stored } = aws.streams.createStream({ name: "archive", destination });
  await aws.subscribe(TopicArn, stored.arn, { SubscriptionRoleArn: ROLE_ARN, RedrivePolicy });
  aws.streams.deleteStream("archive");
  await publish();
  const [letter] = await receive(aws.sqs, deadLetters.url);
  expect(letter?.Body).toMatch(/^\{"Type":"Notification".*\}$/);
});

test("reports a message that neither the endpoint nor the dead-letter queue accepts, with both reasons", async () => {
  const { arn } = await aws.queue("events");
  const destination = { RoleARN: ROLE_ARN, BucketARN: BUCKET_ARN };
  const stream = aws.streams.createStream({ name: "archive", destination }).stored.arn;
  const toQueue = await aws.subscribe(TopicArn, arn, { RedrivePolicy });
  const toStream = await aws.subscribe(TopicArn, stream, { SubscriptionRoleArn: ROLE_ARN, RedrivePolicy });
  const messageId = await publish({ Message: "\u0001".repeat(200_000) }); // The envelope escapes each one as six characters.
  const tooLarge = (queue: string) => `the message has \\d{7} bytes, and the limit of ${queue} is 1048576`;
  const reason = (text: string) => expect.stringMatching(new RegExp(`^${text}; ${tooLarge("undelivered")}$`));
  expect(aws.observed.undelivered).toEqual([
    [{ messageId, subscriptionArn: toQueue, reason: reason(tooLarge("events")) }],
    [
      {
        messageId,
        subscriptionArn: toStream,
        reason: reason(`the record has \\d{7} bytes, and the limit of ${stream} is 1024000`),
      },
    ],
  ]);
});

test("reports a message if the redrive policy is missing or names a missing queue, and delivers to the others", async () => {
  const { arn, url } = await aws.queue("other");
  const SubscriptionArn = await aws.subscribe(TopicArn, GONE);
  await aws.subscribe(TopicArn, arn);
  const policy = JSON.stringify({ deadLetterTargetArn: GONE });
  for (const [AttributeValue, reason] of [
    ["", "the subscription has no redrive policy"],
    [policy, `there is no queue ${GONE}`],
  ]) {
    await aws.sns.send(
      new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: "RedrivePolicy", AttributeValue }),
    );
    const messageId = await publish();
    expect(aws.observed.undelivered.at(-1)).toEqual([
      { messageId, subscriptionArn: SubscriptionArn, reason: `there is no queue ${GONE}; ${reason}` },
    ]);
  }
  expect(await receive(aws.sqs, url)).toHaveLength(2);
});

test("reports a raw message with more than 10 attributes, which no queue accepts", async () => {
  const { arn } = await aws.queue("raw");
  await aws.subscribe(TopicArn, arn, { RawMessageDelivery: "true" });
  const names = Array.from({ length: 11 }, (_, index) => `a${index}`);
  await publish({
    MessageAttributes: Object.fromEntries(names.map((name) => [name, { DataType: "String", StringValue: "x" }])),
  });
  expect(aws.observed.undelivered).toMatchObject([
    [
      {
        reason: "the raw message has 11 attributes, and the limit of raw is 10; the subscription has no redrive policy",
      },
    ],
  ]);
});

test.each([
  ["a raw message", { RawMessageDelivery: "true" }, { Message: "a\u0001b" }, "0001"],
  ["a raw text of a structure", { RawMessageDelivery: "true" }, structure('{"default":"d","sqs":"\\ud83d"}'), "D83D"],
])("reports %s with a character that no queue accepts", async (_, attributes, message, code) => {
  const { arn, url } = await aws.queue("strict");
  await aws.subscribe(TopicArn, arn, { ...attributes, RedrivePolicy });
  await publish(message);
  const reason = (queue: string) => `the message contains U+${code}, which ${queue} does not allow`;
  expect(aws.observed.undelivered).toMatchObject([[{ reason: `${reason("strict")}; ${reason("undelivered")}` }]]);
  expect(await receive(aws.sqs, url)).toEqual([]);
});

test("escapes the characters of an envelope that no queue accepts", async () => {
  const { arn, url } = await aws.queue("enveloped");
  await aws.subscribe(TopicArn, arn);
  const Message = "\u0000\u0001\uFFFE\uFFFF😀";
  await publish({ Message, Subject: "a\uFFFFb" });
  const [{ Body = "" } = {}] = await receive(aws.sqs, url);
  expect(JSON.parse(Body)).toMatchObject({ Message, Subject: "a\uFFFFb" });
  expect(Body).not.toMatch(/[\uFFFE\uFFFF]/);
});

test("reports a raw message without a text for queues", async () => {
  const { arn } = await aws.queue("raw");
  await aws.subscribe(TopicArn, arn, { RawMessageDelivery: "true" });
  await publish({ Message: '{"default":"d","sqs":""}', MessageStructure: "json" });
  expect(aws.observed.undelivered).toMatchObject([[{ reason: expect.stringContaining("the message is empty") }]]);
});

test("tells the observer of each message that a topic accepts, with the text for queues and the subject", async () => {
  const attributes = { a: { DataType: "String", StringValue: "b" } };
  const Message = JSON.stringify({ default: "d", sqs: "q" });
  const messageId = await publish({
    Message,
    Subject: "s",
    MessageStructure: "json",
    MessageAttributes: attributes,
  });
  expect(aws.observed.published).toEqual([[{ topicArn: TopicArn, messageId, body: "q", subject: "s", attributes }]]);
});
