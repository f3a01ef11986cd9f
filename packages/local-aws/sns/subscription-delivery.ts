import { type FilterPolicy, parseFilterPolicyJson } from "@event-pipeline/sns-filter-policy/filter-policy";
import { matches } from "@event-pipeline/sns-filter-policy/matches";
import { DEFAULT_FILTER_POLICY_SCOPE, type FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import {
  calculateMessageSize,
  type SnsStore,
  type SnsSubscription,
  type SnsTopic,
  type SqsMessage,
  SqsStore,
} from "../fauxqs/parts";
import type { DeliveryBuffers } from "../firehose/delivery-buffers";
import { deadLetterTarget } from "../redrive-policy";
import type { PublishedSnsMessage } from "./message";

/** A message that a subscription's filter policy dropped. */
export interface FilteredSnsMessage {
  readonly service: "sns";
  readonly status: "filtered";
  readonly messageId: string;
  readonly topicArn: string;
  /** ARN of the subscription's queue or delivery stream. */
  readonly endpoint: string;
}

/** A message that neither the subscription's endpoint nor its dead-letter queue accepted. */
export interface Undelivered {
  /** The SNS message ID. */
  readonly messageId: string;
  readonly subscriptionArn: string;
  /** Reasons from the endpoint and the dead-letter queue. */
  readonly reason: string;
}

export interface SubscriptionDeliveryOptions {
  readonly sns: SnsStore;
  readonly sqs: SqsStore;
  readonly deliveryBuffers: DeliveryBuffers;
  readonly onFiltered: (message: FilteredSnsMessage) => void;
  readonly onUndelivered: (undelivered: Undelivered) => void;
}

/** Maximum number of message attributes with raw delivery. SNS does not retry a message that has more. */
const MAX_RAW_ATTRIBUTES = 10;

/** Delivers a topic's messages to its subscriptions, or to their dead-letter queues. */
export class SubscriptionDelivery {
  /** Parsed filter policies by subscription attributes. SetSubscriptionAttributes replaces the attributes object. */
  private readonly filters = new WeakMap<object, FilterPolicy>();

  constructor(private readonly options: SubscriptionDeliveryOptions) {}

  deliver(topic: SnsTopic, message: PublishedSnsMessage): void {
    const { sns, onFiltered } = this.options;
    const { id: messageId, attributes } = message;
    sns.spy?.addMessage({
      service: "sns",
      topicArn: topic.arn,
      topicName: topic.name,
      messageId,
      body: message.textFor("sqs"),
      messageAttributes: attributes,
      status: "published",
      timestamp: message.publishedAt,
    });
    for (const arn of topic.subscriptionArns) {
      const subscription = sns.getSubscription(arn);
      if (!subscription?.confirmed) continue;
      if (this.passesFilter(subscription, message)) this.deliverTo(subscription, message);
      else {
        const { endpoint } = subscription;
        onFiltered({ service: "sns", status: "filtered", messageId, topicArn: topic.arn, endpoint });
      }
    }
  }

  private passesFilter(subscription: SnsSubscription, { textFor, attributes }: PublishedSnsMessage): boolean {
    const { FilterPolicy: json = "", FilterPolicyScope: scope = DEFAULT_FILTER_POLICY_SCOPE } = subscription.attributes;
    if (json === "") return true;
    const { filters } = this;
    const policy = filters.get(subscription.attributes) ?? parseFilterPolicyJson(json, scope as FilterPolicyScope);
    filters.set(subscription.attributes, policy);
    return matches(policy, { body: textFor(subscription.protocol), attributes });
  }

  /** @see https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html */
  private deliverTo(subscription: SnsSubscription, message: PublishedSnsMessage): void {
    const isRaw = subscription.attributes.RawMessageDelivery === "true";
    const text = isRaw ? message.textFor(subscription.protocol) : envelopeOf(message, subscription);
    const toSend = SqsStore.createMessage(
      text,
      isRaw ? message.attributes : {},
      undefined,
      message.groupId,
      message.deduplicationId,
    );
    const reason =
      subscription.protocol === "firehose"
        ? this.options.deliveryBuffers.put(subscription.endpoint, text)
        : this.send(subscription.endpoint, toSend);
    if (reason === undefined) return;
    const { arn: subscriptionArn, attributes } = subscription;
    const deadLetterQueueArn = deadLetterTarget(attributes.RedrivePolicy);
    const secondReason =
      deadLetterQueueArn === undefined
        ? "the subscription has no redrive policy"
        : this.send(deadLetterQueueArn, toSend);
    if (secondReason === undefined) return;
    this.options.onUndelivered({ messageId: message.id, subscriptionArn, reason: `${reason}; ${secondReason}` });
  }

  /** Sends a message to a queue. Returns the reason if the queue rejects the message; otherwise undefined. */
  private send(queueArn: string, message: SqsMessage): string | undefined {
    const queue = this.options.sqs.getQueueByArn(queueArn);
    if (!queue) return `there is no queue ${queueArn}`;
    const bytes = calculateMessageSize(message.body, message.messageAttributes);
    const limit = Number(queue.attributes.MaximumMessageSize);
    if (bytes > limit) return `the message has ${bytes} bytes, and the limit of ${queue.name} is ${limit}`;
    const attributes = Object.keys(message.messageAttributes).length;
    if (attributes > MAX_RAW_ATTRIBUTES) {
      return `the raw message has ${attributes} attributes, and the limit of ${queue.name} is ${MAX_RAW_ATTRIBUTES}`;
    }
    const { messageDeduplicationId } = message;
    if (queue.isFifo() && messageDeduplicationId) {
      if (queue.checkDeduplication(messageDeduplicationId).isDuplicate) return undefined;
      message.sequenceNumber = queue.nextSequenceNumber();
      queue.recordDeduplication(messageDeduplicationId, message.messageId);
    }
    queue.enqueue(message);
    return undefined;
  }
}

/**
 * Returns the message in SNS's JSON format, for a subscription without raw
 * delivery. For a delivery stream, it has no signature.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/firehose-archived-message-format-S3.html
 */
function envelopeOf(message: PublishedSnsMessage, { arn, topicArn, protocol }: SnsSubscription): string {
  const { id, subject, publishedAt, attributes } = message;
  const region = topicArn.split(":")[3];
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { Type: DataType, Value: StringValue ?? BinaryValue ?? "" },
  ]);
  return JSON.stringify({
    Type: "Notification",
    MessageId: id,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: message.textFor(protocol),
    Timestamp: new Date(publishedAt).toISOString(),
    ...(protocol !== "firehose" && {
      SignatureVersion: "1",
      Signature: "EXAMPLE",
      SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`,
    }),
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    ...(entries.length > 0 && { MessageAttributes: Object.fromEntries(entries) }),
  });
}
