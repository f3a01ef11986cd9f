import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { type Messaging, startMessaging } from "../messaging";

let aws: Messaging;

beforeAll(async () => {
  aws = await startMessaging();
});

afterAll(() => aws.stop());

const ARN = "arn:aws:sns:us-east-1:000000000000:";

async function attributesOf(TopicArn: string): Promise<Record<string, string>> {
  return (await aws.sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {};
}

function set(TopicArn: string, AttributeName: string, AttributeValue?: string) {
  return aws.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
}

const refused = (message: string, name = "InvalidParameterException") =>
  expect.objectContaining({ name, message: expect.stringContaining(message) });

const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource: `${ARN}x` },
});

test("creates a topic once, and returns it again if attributes and tags are the same", async () => {
  const input = { Name: "once", Attributes: { DisplayName: "a" }, Tags: [{ Key: "k", Value: "v" }] };
  const create = (other: object) => aws.sns.send(new CreateTopicCommand({ Name: "once", ...other }));
  for (const other of [
    input,
    input,
    {},
    { Attributes: { DisplayName: "a", FifoTopic: "false" } },
    { Tags: input.Tags },
  ]) {
    expect((await create(other)).TopicArn).toBe(`${ARN}once`);
  }
  const different = refused("Attributes Reason: Topic already exists with different attributes");
  await expect(create({ Attributes: { DisplayName: "b" } })).rejects.toEqual(different);
  await expect(create({ Attributes: { SignatureVersion: "2" } })).rejects.toEqual(different);
  await expect(create({ Tags: [{ Key: "other", Value: "v" }] })).rejects.toEqual(
    refused("Tags Reason: Topic already exists with different tags"),
  );
});

test.each(["", "a b", "a.b", "a".repeat(257), "a.fifo"])("rejects the name %j", async (name) => {
  await expect(aws.createTopic(name)).rejects.toEqual(refused("Topic Name"));
});

test("rejects a FIFO topic with 501 that names it", async () => {
  await expect(aws.createTopic("a.fifo", { FifoTopic: "true" })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
    message: expect.stringContaining("SNS CreateTopic with FifoTopic true"),
  });
  await expect(aws.createTopic("a", { FifoTopic: "true" })).rejects.toEqual(refused("Topic Name"));
});

test("returns AWS's default attributes", async () => {
  const arn = await aws.createTopic("defaults");
  const { Policy = "", EffectiveDeliveryPolicy = "", ...others } = await attributesOf(arn);
  expect(others).toEqual({
    TopicArn: arn,
    Owner: "000000000000",
    DisplayName: "",
    SubscriptionsConfirmed: "0",
    SubscriptionsPending: "0",
    SubscriptionsDeleted: "0",
  });
  expect(JSON.parse(Policy)).toMatchObject({
    Id: "__default_policy_ID",
    Statement: [{ Effect: "Allow", Resource: arn, Condition: { StringEquals: { "AWS:SourceOwner": "000000000000" } } }],
  });
  expect(JSON.parse(EffectiveDeliveryPolicy)).toMatchObject({ http: { defaultHealthyRetryPolicy: { numRetries: 3 } } });
});

test.each([
  ["DeliveryPolicy", '{"http":{"disableSubscriptionOverrides":true}}'],
  ["DisplayName", "Größe"],
  ["KmsMasterKeyId", "alias/aws/sns"],
  ["MaximumMessageSize", "1048576"],
  ["Policy", POLICY],
  ["SignatureVersion", "2"],
  ["TracingConfig", "Active"],
])("sets, returns and removes %s", async (name, value) => {
  const arn = await aws.createTopic(`with-${name}`, { [name]: value });
  expect(await attributesOf(arn)).toMatchObject({ [name]: value });
  const before = await attributesOf(await aws.createTopic(`without-${name}`));
  const changed = `${ARN}without-${name}`;
  await set(changed, name, value);
  expect(await attributesOf(changed)).toMatchObject({ [name]: value });
  await set(changed, name);
  expect(await attributesOf(changed)).toEqual(before);
});

test.each([
  ["DeliveryPolicy", "[]"],
  ["DisplayName", "a\nb"],
  ["DisplayName", "x".repeat(101)],
  ["MaximumMessageSize", "1023"],
  ["MaximumMessageSize", "1048577"],
  ["MaximumMessageSize", "0x800"],
  ["Policy", "{"],
  ["Policy", '{"Version":"2012-10-17","Statement":[]}'],
  ["Policy", POLICY.replace("sns:Publish", "sqs:SendMessage")],
  ["Policy", POLICY.replace("Deny", "deny")],
  ["SignatureVersion", "3"],
  ["TracingConfig", "active"],
  ["Displayname", "x"],
])("rejects the attribute %s with the value %s", async (name, value) => {
  const arn = await aws.createTopic("invalid");
  const before = await attributesOf(arn);
  await expect(set(arn, name, value)).rejects.toEqual(refused(name));
  await expect(aws.createTopic("never", { [name]: value })).rejects.toEqual(refused(name));
  await expect(attributesOf(`${ARN}never`)).rejects.toMatchObject({ name: "NotFoundException" });
  expect(await attributesOf(arn)).toEqual(before);
});

test.each([
  ["ArchivePolicy", '{"MessageRetentionPeriod":"30"}'],
  ["ContentBasedDeduplication", "true"],
  ["SQSSuccessFeedbackSampleRate", "100"],
  ["FirehoseFailureFeedbackRoleArn", "arn:aws:iam::000000000000:role/r"],
])("answers 501 to the attribute %s, which would have an effect on AWS", async (name, value) => {
  const unsupported = { $metadata: { httpStatusCode: 501 }, message: expect.stringContaining(name) };
  await expect(aws.createTopic("never", { [name]: value })).rejects.toMatchObject(unsupported);
  await expect(set(await aws.createTopic("plain"), name, value)).rejects.toMatchObject(unsupported);
});

test("answers 501 to a data protection policy", async () => {
  const command = new CreateTopicCommand({ Name: "never", DataProtectionPolicy: "{}" });
  await expect(aws.sns.send(command)).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
    message: expect.stringContaining("DataProtectionPolicy"),
  });
});

test("adds, replaces and removes tags, and rejects those that AWS would reject", async () => {
  const ResourceArn = await aws.createTopic("tagged");
  const tag = (...Tags: { Key: string; Value: string }[]) =>
    aws.sns.send(new TagResourceCommand({ ResourceArn, Tags }));
  const tags = async () => (await aws.sns.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags;
  expect(await tags()).toEqual([]);
  await tag({ Key: "__proto__", Value: "a" }, { Key: "b", Value: "" });
  await tag({ Key: "b", Value: "c" });
  expect(await tags()).toEqual([
    { Key: "__proto__", Value: "a" },
    { Key: "b", Value: "c" },
  ]);
  await aws.sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["__proto__", "absent"] }));
  expect(await tags()).toEqual([{ Key: "b", Value: "c" }]);
  await expect(tag({ Key: "d", Value: "1" }, { Key: "d", Value: "2" })).rejects.toEqual(refused("Duplicated keys"));
  await expect(tag({ Key: "aws:x", Value: "1" })).rejects.toEqual(refused("Tags Reason"));
  await expect(tag({ Key: "x", Value: "v".repeat(257) })).rejects.toEqual(refused("Tags Reason"));
  const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: "v" }));
  await expect(tag(...many)).rejects.toEqual(refused("51 tags", "TagLimitExceededException"));
  expect(await tags()).toEqual([{ Key: "b", Value: "c" }]);
  const missing = new ListTagsForResourceCommand({ ResourceArn: `${ARN}gone` });
  await expect(aws.sns.send(missing)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("answers with the element of a result, even an empty one, but only if the action has an output", async () => {
  const TopicArn = await aws.createTopic("answered");
  const send = async (parameters: Record<string, string>) => {
    const body = new URLSearchParams({ Version: "2010-03-31", ...parameters });
    return (await fetch(aws.endpoint, { method: "POST", body })).text();
  };
  const tag = { "Tags.member.1.Key": "k", "Tags.member.1.Value": "v" };
  expect(await send({ Action: "TagResource", ResourceArn: TopicArn, ...tag })).toContain(
    '<TagResourceResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><TagResourceResult></TagResourceResult><',
  );
  expect(await send({ Action: "DeleteTopic", TopicArn })).toContain(
    '<DeleteTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ResponseMetadata>',
  );
});

test("lists topics and subscriptions in pages, and each of them once", async () => {
  const TopicArn = await aws.createTopic("paged");
  const queues = Array.from({ length: 120 }, (_, index) => `arn:aws:sqs:us-east-1:000000000000:q${index}`);
  for (const queue of queues) await aws.subscribe(TopicArn, queue);
  for (const command of [
    (NextToken?: string) => aws.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken })),
    (NextToken?: string) => aws.sns.send(new ListSubscriptionsCommand({ NextToken })),
  ]) {
    const first = await command();
    expect(first.Subscriptions).toHaveLength(100);
    // A subscription that was deleted in between does not shift the pages.
    const [{ SubscriptionArn, Endpoint = "" } = {}] = first.Subscriptions ?? [];
    await aws.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    const second = await command(first.NextToken);
    expect(second.NextToken).toBeUndefined();
    const endpoints = [...(first.Subscriptions ?? []), ...(second.Subscriptions ?? [])].map((each) => each.Endpoint);
    expect(endpoints.sort()).toEqual([...queues].sort());
    await aws.subscribe(TopicArn, Endpoint);
  }
  for (let index = 0; index < 101; index++) await aws.createTopic(`page-${index}`);
  const { Topics = [], NextToken } = await aws.sns.send(new ListTopicsCommand({}));
  const { Topics: others = [] } = await aws.sns.send(new ListTopicsCommand({ NextToken }));
  expect(Topics).toHaveLength(100);
  const arns = [...Topics, ...others].map((topic) => topic.TopicArn);
  expect(new Set(arns).size).toBe(arns.length);
  expect(arns).toContain(`${ARN}page-100`);
  const wrong = new ListTopicsCommand({ NextToken: "x" });
  await expect(aws.sns.send(wrong)).rejects.toEqual(refused("NextToken"));
});

test("limits a topic for large messages to 100 subscriptions", async () => {
  const small = await aws.createTopic("crowd");
  const large = await aws.createTopic("large", { MaximumMessageSize: "262145" });
  const queue = (index: number) => `arn:aws:sqs:us-east-1:000000000000:crowd-${index}`;
  for (let index = 0; index < 100; index++) {
    await aws.subscribe(large, queue(index));
    await aws.subscribe(small, queue(index));
  }
  await expect(aws.subscribe(large, queue(100))).rejects.toEqual(refused("100 subscriptions"));
  await aws.subscribe(small, queue(100));
  await expect(set(small, "MaximumMessageSize", "262145")).rejects.toEqual(refused("101 subscriptions"));
  await set(small, "MaximumMessageSize", "262144");
});

test("deletes a topic with its subscriptions, and accepts the deletion again", async () => {
  const TopicArn = await aws.createTopic("gone");
  const subscriptionArn = await aws.subscribe(TopicArn, "arn:aws:sqs:us-east-1:000000000000:q");
  for (let times = 0; times < 2; times++) await aws.sns.send(new DeleteTopicCommand({ TopicArn }));
  const publish = new PublishCommand({ TopicArn, Message: "m" });
  await expect(aws.sns.send(publish)).rejects.toMatchObject({ name: "NotFoundException" });
  await aws.createTopic("gone");
  const { Subscriptions } = await aws.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(Subscriptions).toEqual([]);
  await aws.sns.send(new UnsubscribeCommand({ SubscriptionArn: subscriptionArn }));
});

test.each([
  ["x", "An ARN must have at least 6 elements, not 1"],
  [`${ARN}topic`, "SubscriptionId"],
])("Unsubscribe rejects %s", async (SubscriptionArn, message) => {
  await expect(aws.sns.send(new UnsubscribeCommand({ SubscriptionArn }))).rejects.toEqual(refused(message));
});

test("ConfirmSubscription has no tokens, because subscriptions are confirmed automatically", async () => {
  const command = new ConfirmSubscriptionCommand({ TopicArn: await aws.createTopic("confirmed"), Token: "t" });
  await expect(aws.sns.send(command)).rejects.toEqual(refused("Invalid parameter: Token"));
});
