import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  type SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { SNS } from "../../supported-actions";
import { testSupportedActions } from "../supported-actions";

let run: LocalRun;
let sns: SNSClient;
let TopicArn: string;
let QueueUrl: string;
const Endpoint = "arn:aws:sqs:us-east-1:000000000000:served";

beforeAll(async () => {
  run = await LocalRun.start();
  sns = run.clients.sns;
  TopicArn = await topic("served");
  QueueUrl = String((await run.clients.sqs.send(new CreateQueueCommand({ QueueName: "served" }))).QueueUrl);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

const topic = async (Name: string) => String((await sns.send(new CreateTopicCommand({ Name }))).TopicArn);

async function subscribe(): Promise<string> {
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, ReturnSubscriptionArn: true }),
  );
  return String(SubscriptionArn);
}

async function received(count: number): Promise<string[]> {
  const bodies: string[] = [];
  for (let polls = 0; bodies.length < count && polls < 5; polls++) {
    const { Messages = [] } = await run.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
    );
    bodies.push(...Messages.map(({ Body = "{}" }) => JSON.parse(Body).Message));
  }
  return bodies;
}

async function tags() {
  return (await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags;
}

async function subscriptions() {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return Subscriptions.map(({ SubscriptionArn }) => SubscriptionArn);
}

testSupportedActions(SNS, {
  ConfirmSubscription: async () => {
    // Subscriptions are confirmed automatically, so no token is valid.
    const confirmed = sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: "none" }));
    await expect(confirmed).rejects.toMatchObject({ $metadata: { httpStatusCode: expect.any(Number) } });
  },
  CreateTopic: async () => expect(await topic("made")).toBe("arn:aws:sns:us-east-1:000000000000:made"),
  DeleteTopic: async () => {
    const gone = await topic("gone");
    await sns.send(new DeleteTopicCommand({ TopicArn: gone }));
    const published = sns.send(new PublishCommand({ TopicArn: gone, Message: "m" }));
    await expect(published).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  },
  GetSubscriptionAttributes: async () => {
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: await subscribe() }));
    expect(Attributes).toMatchObject({ TopicArn, Endpoint, Protocol: "sqs" });
  },
  GetTopicAttributes: async () => {
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ TopicArn });
  },
  ListSubscriptions: async () => {
    const SubscriptionArn = await subscribe();
    const { Subscriptions } = await sns.send(new ListSubscriptionsCommand({}));
    expect(Subscriptions).toContainEqual(expect.objectContaining({ SubscriptionArn, Endpoint }));
  },
  ListSubscriptionsByTopic: async () => expect(await subscriptions()).toEqual([await subscribe()]),
  ListTagsForResource: async () => expect(await tags()).toEqual([]),
  ListTopics: async () => {
    const { Topics } = await sns.send(new ListTopicsCommand({}));
    expect(Topics).toEqual(expect.arrayContaining([{ TopicArn }, { TopicArn: run.output("topic_arn") }]));
  },
  Publish: async () => {
    await subscribe();
    await sns.send(new PublishCommand({ TopicArn, Message: "published" }));
    expect(await received(1)).toEqual(["published"]);
  },
  PublishBatch: async () => {
    await subscribe();
    const PublishBatchRequestEntries = ["a", "b"].map((Id) => ({ Id, Message: Id }));
    await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect((await received(2)).sort()).toEqual(["a", "b"]);
  },
  SetSubscriptionAttributes: async () => {
    const SubscriptionArn = await subscribe();
    const set = (AttributeValue: string) =>
      sns.send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn,
          AttributeName: "RawMessageDelivery",
          AttributeValue,
        }),
      );
    await set("true");
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ RawMessageDelivery: "true" });
  },
  SetTopicAttributes: async () => {
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "shown" }));
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ DisplayName: "shown" });
  },
  Subscribe: async () => expect(await subscribe()).toMatch(/^arn:aws:sns:us-east-1:000000000000:served:\S+$/),
  TagResource: async () => {
    await sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "a", Value: "b" }] }));
    expect(await tags()).toEqual([{ Key: "a", Value: "b" }]);
  },
  Unsubscribe: async () => {
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: await subscribe() }));
    expect(await subscriptions()).toEqual([]);
  },
  UntagResource: async () => {
    await sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ["a"] }));
    expect(await tags()).toEqual([]);
  },
});
