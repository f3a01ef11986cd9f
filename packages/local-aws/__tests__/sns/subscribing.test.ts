import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { receive } from "@event-pipeline/testing/queues";
import { BUCKET_ARN, type Messaging, ROLE_ARN, startMessaging } from "../messaging";

let aws: Messaging;
let queue: { readonly arn: string; readonly url: string };
let streamArn: string;

beforeAll(async () => {
  aws = await startMessaging();
  queue = await aws.queue("subscribed");
  streamArn = aws.streams.createStream({ name: "raw", destination: { RoleARN: ROLE_ARN, BucketARN: BUCKET_ARN } })
    .stored.arn;
});

afterAll(() => aws.stop());

let topics = 0;

async function newTopic() {
  const TopicArn = await aws.createTopic(`topic-${++topics}`);
  return {
    TopicArn,
    subscribe: (attributes = {}, endpoint = queue.arn) => aws.subscribe(TopicArn, endpoint, attributes),
  };
}

function set(SubscriptionArn: string, AttributeName: string, AttributeValue: string) {
  return aws.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
}

async function attributesOf(SubscriptionArn: string) {
  return (await aws.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes ?? {};
}

const refused = (message: string) =>
  expect.objectContaining({
    name: "InvalidParameterException",
    message: expect.stringContaining(message),
    $metadata: expect.objectContaining({ httpStatusCode: 400 }),
  });

describe("Subscribe and SetSubscriptionAttributes reject", () => {
  test.each([
    ["http", "http://127.0.0.1:8080/"],
    ["https", "https://example.com/"],
    ["email", "ops@example.com"],
    ["email-json", "ops@example.com"],
    ["sms", "+123456789"],
    ["lambda", "arn:aws:lambda:us-east-1:000000000000:function:event-processor"],
    ["application", "arn:aws:sns:us-east-1:000000000000:endpoint/x"],
  ])("a subscription with the protocol %s, with 501", async (Protocol, Endpoint) => {
    const { TopicArn } = await newTopic();
    await expect(aws.sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
      message: expect.stringContaining(`SNS Subscribe with the protocol ${Protocol}`),
    });
  });

  test.each([
    ["an unknown protocol", "carrier-pigeon", "x", "does not support this protocol string: carrier-pigeon"],
    ["a queue URL instead of an ARN", "sqs", "http://127.0.0.1/000000000000/q", "SQS endpoint ARN"],
    ["a FIFO queue", "sqs", "arn:aws:sqs:us-east-1:000000000000:q.fifo", "FIFO SQS Queues can not be subscribed"],
    [
      "a missing delivery stream",
      "firehose",
      "arn:aws:firehose:us-east-1:000000000000:deliverystream/x",
      "no delivery stream",
    ],
    ["a delivery stream without a role", "firehose", "raw", "SubscriptionRoleArn"],
  ])("%s", async (_what, Protocol, endpoint, message) => {
    const { TopicArn } = await newTopic();
    const Endpoint = endpoint === "raw" ? streamArn : endpoint;
    await expect(aws.sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }))).rejects.toEqual(
      refused(message),
    );
  });

  test.each([
    ["FilterPolicy", "{", "FilterPolicy: The filter policy is not JSON"],
    ["FilterPolicy", '{"a":"b"}', 'SNS requires a list here, such as ["b"]'],
    ["FilterPolicy", '{"a":{"b":["c"]}}', 'has a nested object at "a", but its scope is MessageAttributes'],
    ["FilterPolicy", '{"a":[],"b":[{"numeric":["<"]}]}', "numeric requires an operator and a number"],
    ["FilterPolicyScope", "Body", "Invalid value [Body]. Please use either MessageAttributes or MessageBody"],
    ["RawMessageDelivery", "Yes", "RawMessageDelivery: Invalid value [Yes]. Must be true or false"],
    ["RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false"],
    ["RedrivePolicy", "null", "RedrivePolicy: failed to parse JSON"],
    ["RedrivePolicy", "no JSON", "RedrivePolicy: failed to parse JSON"],
    ["RedrivePolicy", '{"deadLetterTargetArn":"fake"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"],
    ["RedrivePolicy", '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d.fifo"}', "standard queue as DLQ"],
    ["DeliveryPolicy", "[]", "DeliveryPolicy: failed to parse JSON"],
    ["SubscriptionRoleArn", "role", "SubscriptionRoleArn: expected the ARN of a role"],
    ["Filter", "{}", "AttributeName: expected one of DeliveryPolicy, FilterPolicy"],
  ])("the attribute %s with the value %s", async (name, value, reason) => {
    const { TopicArn, subscribe } = await newTopic();
    await expect(subscribe({ [name]: value })).rejects.toEqual(refused("Invalid parameter: Attributes Reason: "));
    await expect(subscribe({ [name]: value })).rejects.toEqual(refused(reason));
    const { Subscriptions } = await aws.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toEqual([]);
    const arn = await subscribe();
    const before = await attributesOf(arn);
    await expect(set(arn, name, value)).rejects.toEqual(refused(reason));
    expect(await attributesOf(arn)).toEqual(before);
  });

  test("a replay policy, which only FIFO topics have, with 501", async () => {
    const { subscribe } = await newTopic();
    await expect(subscribe({ ReplayPolicy: "{}" })).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  });

  test("a filter policy scope that does not fit the filter policy", async () => {
    const { subscribe } = await newTopic();
    const arn = await subscribe({ FilterPolicy: '{"a":{"b":["c"]}}', FilterPolicyScope: "MessageBody" });
    await expect(set(arn, "FilterPolicyScope", "MessageAttributes")).rejects.toEqual(
      refused('has a nested object at "a"'),
    );
  });

  test("a missing topic and a missing subscription", async () => {
    const gone = "arn:aws:sns:us-east-1:000000000000:gone";
    const missing = { name: "NotFoundException", $metadata: { httpStatusCode: 404 } };
    await expect(aws.subscribe(gone, queue.arn)).rejects.toMatchObject(missing);
    await expect(set(`${gone}:x`, "RawMessageDelivery", "true")).rejects.toMatchObject(missing);
    await expect(attributesOf(`${gone}:x`)).rejects.toMatchObject(missing);
    await expect(attributesOf("x")).rejects.toEqual(refused("SubscriptionArn Reason: An ARN must have at least 6"));
  });
});

test("returns an existing subscription, and rejects different attributes", async () => {
  const { TopicArn, subscribe } = await newTopic();
  const arn = await subscribe({ FilterPolicy: '{"a":["b"]}', RawMessageDelivery: "True" });
  expect(await subscribe()).toBe(arn);
  expect(await subscribe({ FilterPolicy: '{"a":["b"]}', RawMessageDelivery: "true" })).toBe(arn);
  expect(await subscribe({ FilterPolicyScope: "MessageAttributes" })).toBe(arn);
  const different = refused("Subscription already exists with different attributes");
  await expect(subscribe({ RawMessageDelivery: "false" })).rejects.toEqual(different);
  await expect(subscribe({ FilterPolicy: '{"a":["c"]}' })).rejects.toEqual(different);
  await set(arn, "RawMessageDelivery", "FALSE");
  expect(await subscribe({ RawMessageDelivery: "false" })).toBe(arn);
  const other = await aws.queue("also-subscribed");
  expect(await subscribe({}, other.arn)).not.toBe(arn);
  const { Subscriptions } = await aws.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(Subscriptions).toContainEqual({
    SubscriptionArn: arn,
    TopicArn,
    Protocol: "sqs",
    Endpoint: queue.arn,
    Owner: "000000000000",
  });
  expect(Subscriptions).toHaveLength(2);
});

test("returns the attributes that were set, and FilterPolicyScope only with a filter policy", async () => {
  const { TopicArn, subscribe } = await newTopic();
  const arn = await subscribe();
  const defaults = {
    SubscriptionArn: arn,
    TopicArn,
    Protocol: "sqs",
    Endpoint: queue.arn,
    Owner: "000000000000",
    ConfirmationWasAuthenticated: "true",
    PendingConfirmation: "false",
    SubscriptionPrincipal: "arn:aws:iam::000000000000:user/local",
    RawMessageDelivery: "false",
  };
  expect(await attributesOf(arn)).toEqual(defaults);
  await set(arn, "FilterPolicyScope", "MessageBody");
  expect(await attributesOf(arn)).toEqual(defaults);
  await set(arn, "FilterPolicy", '{"a":{"b":["c"]}}');
  expect(await attributesOf(arn)).toEqual({
    ...defaults,
    FilterPolicy: '{"a":{"b":["c"]}}',
    FilterPolicyScope: "MessageBody",
  });
  await set(arn, "FilterPolicy", "");
  expect(await attributesOf(arn)).toEqual(defaults);
  const stream = await subscribe({ SubscriptionRoleArn: ROLE_ARN, RawMessageDelivery: "true" }, streamArn);
  expect(await attributesOf(stream)).toMatchObject({ Protocol: "firehose", SubscriptionRoleArn: ROLE_ARN });
});

test("applies the current filter policy to the next message", async () => {
  const { TopicArn, subscribe } = await newTopic();
  const arn = await subscribe({
    FilterPolicy: '{"n":[1]}',
    FilterPolicyScope: "MessageBody",
    RawMessageDelivery: "true",
  });
  const publish = (Message: string, MessageAttributes = {}) =>
    aws.sns.send(new PublishCommand({ TopicArn, Message, MessageAttributes }));
  const received = async () => (await receive(aws.sqs, queue.url)).map(({ Body }) => Body);
  await publish('{"n":2}');
  const { MessageId } = await publish('{"n":1}');
  expect(await received()).toEqual(['{"n":1}']);
  expect(aws.observed.filtered).toEqual([
    [{ topicArn: TopicArn, endpoint: queue.arn, messageId: expect.not.stringMatching(String(MessageId)) }],
  ]);
  await set(arn, "FilterPolicy", "");
  await publish('{"n":2}');
  expect(await received()).toEqual(['{"n":2}']);
  await set(arn, "FilterPolicyScope", "MessageAttributes");
  await set(arn, "FilterPolicy", '{"kind":[{"anything-but":{"prefix":"b"}}]}');
  const kind = (...kinds: string[]) => ({ kind: { DataType: "String.Array", StringValue: JSON.stringify(kinds) } });
  await publish("1", kind("bad"));
  await publish("2", kind("bad", "good"));
  await publish("3");
  expect(await received()).toEqual(["2"]);
});
