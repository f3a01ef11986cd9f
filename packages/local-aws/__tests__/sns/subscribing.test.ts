import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { createQueue, receive } from "@event-pipeline/testing/queues";

const STREAM_ARN = "arn:aws:firehose:us-east-1:000000000000:deliverystream/local-events-raw";
const ROLE_ARN = "arn:aws:iam::000000000000:role/r";

let run: LocalRun;
let queue: { readonly arn: string; readonly url: string };

beforeAll(async () => {
  run = await LocalRun.start("--archive-interval", "0");
  queue = await createQueue(run.clients.sqs, "subscribed");
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

let topics = 0;

/** Creates a topic, and returns a function that subscribes to the topic. */
async function newTopic() {
  const { sns } = run.clients;
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `topic-${++topics}` }));
  const subscribe = async (Attributes: Record<string, string> = {}, Protocol = "sqs", Endpoint = queue.arn) =>
    String((await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }))).SubscriptionArn);
  return { TopicArn: String(TopicArn), subscribe };
}

function set(SubscriptionArn: string, AttributeName: string, AttributeValue: string) {
  return run.clients.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
}

async function attributesOf(SubscriptionArn: string) {
  return (await run.clients.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes;
}

const refused = (message: string) =>
  expect.objectContaining({
    name: "InvalidParameterException",
    message: expect.stringContaining(message),
    $metadata: expect.objectContaining({ httpStatusCode: 400 }),
  });

describe("the archive's subscription", () => {
  test("has the protocol `firehose`, the delivery stream's ARN and a role", async () => {
    const TopicArn = run.output("topic_arn");
    const { Subscriptions = [] } = await run.clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const archive = Subscriptions.find(({ Endpoint }) => Endpoint === STREAM_ARN);
    expect(archive).toMatchObject({ Protocol: "firehose", TopicArn, Owner: "000000000000" });
    expect(Subscriptions.map(({ Protocol }) => Protocol).sort()).toEqual(["firehose", "sqs"]);
    expect(await attributesOf(String(archive?.SubscriptionArn))).toMatchObject({
      Protocol: "firehose",
      Endpoint: STREAM_ARN,
      PendingConfirmation: "false",
      RawMessageDelivery: "false",
      SubscriptionRoleArn: expect.stringMatching(/^arn:aws:iam::000000000000:role\/local-/),
    });
  });

  test("adds no queue", async () => {
    const { QueueUrls = [] } = await run.clients.sqs.send(new ListQueuesCommand({}));
    expect(QueueUrls.map((url) => url.split("/").at(-1)).sort()).toEqual([
      "local-events-dlq",
      "local-events-queue",
      "local-events-undelivered",
      "subscribed",
    ]);
  });

  test("can also be created for another topic, with raw delivery", async () => {
    const { TopicArn, subscribe } = await newTopic();
    await subscribe({ SubscriptionRoleArn: ROLE_ARN, RawMessageDelivery: "true" }, "firehose", STREAM_ARN);
    const Bucket = run.output("raw_bucket");
    const count = async () => (await run.clients.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount ?? 0;
    const before = await count();
    await run.clients.sns.send(new PublishCommand({ TopicArn, Message: "raw" }));
    await run.until(() => run.hops("archived").length > 0);
    expect(await count()).toBe(before + 1);
  });
});

describe("Subscribe and SetSubscriptionAttributes reject", () => {
  test.each([
    ["http", "http://127.0.0.1:8080/"],
    ["https", "https://example.com/"],
    ["email", "ops@example.com"],
    ["email-json", "ops@example.com"],
    ["sms", "+123456789"],
    ["lambda", "arn:aws:lambda:us-east-1:000000000000:function:local-event-processor"],
    ["application", "arn:aws:sns:us-east-1:000000000000:endpoint/x"],
  ])("a subscription with the unsupported protocol %s", async (protocol, endpoint) => {
    const { subscribe } = await newTopic();
    await expect(subscribe({}, protocol, endpoint)).rejects.toEqual(
      refused(`the local run supports sqs and firehose, not ${protocol}`),
    );
  });

  test.each([
    [
      "an endpoint with an unknown protocol",
      "carrier-pigeon",
      "x",
      "Does not support this protocol string: carrier-pigeon",
    ],
    ["a queue URL instead of an ARN", "sqs", "http://127.0.0.1/000000000000/q", "expected the ARN of a queue"],
    ["a missing delivery stream", "firehose", `${STREAM_ARN}-2`, `no delivery stream "${STREAM_ARN}-2"`],
    ["a delivery stream without a role", "firehose", STREAM_ARN, "SubscriptionRoleArn"],
  ])("a subscription to %s", async (_name, protocol, endpoint, reason) => {
    const { subscribe } = await newTopic();
    await expect(subscribe({}, protocol, endpoint)).rejects.toEqual(refused(reason));
  });

  test.each([
    ["FilterPolicy", "no JSON", "FilterPolicy: The filter policy is not JSON"],
    ["FilterPolicy", '{"a":"b"}', 'FilterPolicy: The filter policy has "b" at "a". SNS requires a list here'],
    ["FilterPolicy", '["a"]', "FilterPolicy: The filter policy must be an object with lists"],
    ["FilterPolicy", '{"a":{"b":["c"]}}', 'has a nested object at "a", but its scope is MessageAttributes'],
    ["FilterPolicy", '{"a":[{"contains":"b"}]}', '"contains" is not an operator here'],
    [
      "FilterPolicyScope",
      "Body",
      "FilterPolicyScope: Invalid value [Body]. Please use either MessageAttributes or MessageBody",
    ],
    ["RawMessageDelivery", "yes", "RawMessageDelivery: Invalid value [yes]. Must be true or false"],
    ["RedrivePolicy", "null", "RedrivePolicy: expected JSON with the deadLetterTargetArn of a queue"],
    ["RedrivePolicy", "no JSON", "RedrivePolicy: expected JSON with the deadLetterTargetArn of a queue"],
    ["Filter", "{}", "AttributeName: expected one of DeliveryPolicy, FilterPolicy"],
  ])("the attribute %s with the value %s", async (name, value, reason) => {
    const { TopicArn, subscribe } = await newTopic();
    await expect(subscribe({ [name]: value })).rejects.toEqual(refused("Invalid parameter: Attributes Reason: "));
    await expect(subscribe({ [name]: value })).rejects.toEqual(refused(reason));
    const { Subscriptions } = await run.clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toEqual([]);
    const arn = await subscribe();
    await expect(set(arn, name, value)).rejects.toEqual(refused(reason));
    expect(await attributesOf(arn)).not.toHaveProperty("FilterPolicy");
  });

  test("a filter policy scope that does not fit the filter policy", async () => {
    const { subscribe } = await newTopic();
    const arn = await subscribe({ FilterPolicy: '{"a":{"b":["c"]}}', FilterPolicyScope: "MessageBody" });
    await expect(set(arn, "FilterPolicyScope", "MessageAttributes")).rejects.toEqual(
      refused('has a nested object at "a"'),
    );
  });

  test("a missing topic and a missing subscription", async () => {
    const TopicArn = "arn:aws:sns:us-east-1:000000000000:gone";
    const command = new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queue.arn });
    await expect(run.clients.sns.send(command)).rejects.toMatchObject({ name: "NotFoundException" });
    await expect(set(`${TopicArn}:x`, "RawMessageDelivery", "true")).rejects.toMatchObject({
      name: "NotFoundException",
    });
    await expect(attributesOf(`${TopicArn}:x`)).rejects.toMatchObject({ name: "NotFoundException" });
  });
});

test("returns an existing subscription, and rejects different attributes", async () => {
  const { subscribe } = await newTopic();
  const arn = await subscribe({ FilterPolicy: '{"a":["b"]}' });
  expect(await subscribe()).toBe(arn);
  expect(await subscribe({ FilterPolicy: '{"a":["b"]}', RawMessageDelivery: "false" })).toBe(arn);
  const different = refused("Subscription already exists with different attributes");
  await expect(subscribe({ RawMessageDelivery: "true" })).rejects.toEqual(different);
  await expect(subscribe({ FilterPolicy: '{"a":["c"]}' })).rejects.toEqual(different);
  await set(arn, "RawMessageDelivery", "true");
  expect(await subscribe({ RawMessageDelivery: "true" })).toBe(arn);
});

test("returns the attributes that were set, and FilterPolicyScope only with a filter policy", async () => {
  const { subscribe } = await newTopic();
  const arn = await subscribe();
  expect(await attributesOf(arn)).toEqual({
    SubscriptionArn: arn,
    TopicArn: arn.slice(0, arn.lastIndexOf(":")),
    Protocol: "sqs",
    Endpoint: queue.arn,
    Owner: "000000000000",
    ConfirmationWasAuthenticated: "true",
    PendingConfirmation: "false",
    SubscriptionPrincipal: "arn:aws:iam::000000000000:user/local",
    RawMessageDelivery: "false",
  });
  await set(arn, "FilterPolicy", '{"a":["b"]}');
  expect(await attributesOf(arn)).toMatchObject({
    FilterPolicy: '{"a":["b"]}',
    FilterPolicyScope: "MessageAttributes",
  });
  await set(arn, "FilterPolicyScope", "MessageBody");
  expect(await attributesOf(arn)).toMatchObject({ FilterPolicyScope: "MessageBody" });
  await set(arn, "FilterPolicy", "");
  expect(await attributesOf(arn)).not.toHaveProperty("FilterPolicy");
  expect(await attributesOf(arn)).not.toHaveProperty("FilterPolicyScope");
});

test("applies the current filter policy to bodies with lists and to attributes", async () => {
  const { TopicArn, subscribe } = await newTopic();
  const arn = await subscribe({
    FilterPolicy: '{"tags":["x"],"$or":[{"n":[{"numeric":[">",1]}]},{"items":{"name":[{"prefix":"a"}]}}]}',
    FilterPolicyScope: "MessageBody",
    RawMessageDelivery: "true",
  });
  const publish = (message: object, MessageAttributes = {}) =>
    run.clients.sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(message), MessageAttributes }));
  const received = async () => (await receive(run.clients.sqs, queue.url)).map(({ Body }) => JSON.parse(String(Body)));

  const taken = { tags: ["x", "y"], items: [{ name: "b" }, { name: "abc" }] };
  for (const message of [{ tags: ["x"] }, { tags: ["y"], n: 2 }, taken, { tags: "x", n: 1 }]) await publish(message);
  expect(await received()).toEqual([taken]);

  await set(arn, "FilterPolicy", "");
  await set(arn, "FilterPolicyScope", "MessageAttributes");
  await set(arn, "FilterPolicy", '{"kind":[{"anything-but":{"prefix":"b"}}]}');
  const kind = (...kinds: string[]) => ({ kind: { DataType: "String.Array", StringValue: JSON.stringify(kinds) } });
  await publish({ n: 1 }, kind("bad"));
  await publish({ n: 2 }, kind("bad", "good"));
  await publish({ n: 3 });
  expect(await received()).toEqual([{ n: 2 }]);

  await run.clients.sns.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
  await publish({ n: 4 }, kind("good"));
  expect(await received()).toEqual([]);
  const { Subscriptions = [] } = await run.clients.sns.send(new ListSubscriptionsCommand({}));
  expect(Subscriptions.map(({ SubscriptionArn }) => SubscriptionArn)).not.toContain(arn);
});
