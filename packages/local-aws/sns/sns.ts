import { randomUUID } from "node:crypto";
import type { Tag } from "@aws-sdk/client-sns";
import { ACCOUNT_ID } from "../account";
import type { Firehose } from "../firehose/firehose";
import type { Host } from "../host";
import type { Sqs } from "../sqs/sqs";
import type { Table } from "../storage/storage";
import { Delivery } from "./delivery";
import { assertArn, notFound } from "./errors";
import { type StoredSubscription, type StoredTopic, Subscription, Topic } from "./topic";

/** The topics and their subscriptions. */
export class Sns {
  readonly delivery: Delivery;
  private readonly topicTable: Table<StoredTopic>;
  private readonly subscriptionTable: Table<StoredSubscription>;
  private readonly topicByArn = new Map<string, Topic>();
  private readonly subscriptionByArn = new Map<string, Subscription>();

  constructor(
    private readonly host: Host,
    sqs: Sqs,
    readonly firehose: Firehose,
  ) {
    this.delivery = new Delivery(host, sqs, firehose);
    this.topicTable = host.storage.table("sns-topics");
    this.subscriptionTable = host.storage.table("sns-subscriptions");
    for (const stored of this.topicTable.values()) this.topicByArn.set(stored.arn, new Topic(stored));
    for (const stored of this.subscriptionTable.values()) this.add(new Subscription(stored));
  }

  get topics(): Iterable<Topic> {
    return this.topicByArn.values();
  }

  get subscriptions(): Iterable<Subscription> {
    return this.subscriptionByArn.values();
  }

  topicArn(name: string): string {
    return `arn:aws:sns:${this.host.region}:${ACCOUNT_ID}:${name}`;
  }

  findTopic(arn: string): Topic | undefined {
    return this.topicByArn.get(arn);
  }

  /** @throws AwsError when there is no such topic. */
  topic(arn = "", parameter = "TopicArn"): Topic {
    const topic = this.topicByArn.get(arn);
    if (topic) return topic;
    assertArn(arn, parameter);
    throw notFound("Topic", arn);
  }

  /** Creates a topic, or replaces an existing topic's attributes and tags. */
  saveTopic(arn: string, attributes: Readonly<Record<string, string>>, tags: readonly Tag[]): void {
    const stored: StoredTopic = { arn, attributes, tags };
    const topic = this.topicByArn.get(arn);
    if (topic) topic.stored = stored;
    else this.topicByArn.set(arn, new Topic(stored));
    this.topicTable.set(arn, stored);
  }

  /** Deletes a topic and its subscriptions, if it exists. */
  deleteTopic(arn: string): void {
    for (const subscription of this.topicByArn.get(arn)?.subscriptions.keys() ?? []) this.unsubscribe(subscription);
    this.topicByArn.delete(arn);
    this.topicTable.delete(arn);
  }

  /** @throws AwsError when there is no such subscription. */
  subscription(arn = ""): Subscription {
    const subscription = this.subscriptionByArn.get(arn);
    if (subscription) return subscription;
    assertArn(arn, "SubscriptionArn");
    throw notFound("Subscription", arn);
  }

  /** @throws AwsError for attributes that AWS would reject. */
  subscribe(options: Omit<StoredSubscription, "arn">): Subscription {
    const stored = { ...options, arn: `${options.topicArn}:${randomUUID()}` };
    return this.save(new Subscription(stored, "Attributes Reason: "));
  }

  /** @throws AwsError for attributes that AWS would reject. */
  setSubscriptionAttributes({ stored }: Subscription, attributes: Readonly<Record<string, string>>): void {
    this.save(new Subscription({ ...stored, attributes }));
  }

  /** Deletes a subscription, if it exists. */
  unsubscribe(arn: string): void {
    const { topicArn = "" } = this.subscriptionByArn.get(arn)?.stored ?? {};
    this.topicByArn.get(topicArn)?.subscriptions.delete(arn);
    this.subscriptionByArn.delete(arn);
    this.subscriptionTable.delete(arn);
  }

  private save(subscription: Subscription): Subscription {
    this.add(subscription);
    this.subscriptionTable.set(subscription.stored.arn, subscription.stored);
    return subscription;
  }

  private add(subscription: Subscription): void {
    const { arn, topicArn } = subscription.stored;
    this.subscriptionByArn.set(arn, subscription);
    this.topicByArn.get(topicArn)?.subscriptions.set(arn, subscription);
  }
}
