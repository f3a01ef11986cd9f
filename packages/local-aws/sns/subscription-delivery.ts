import { type FilterPolicy, parseFilterPolicyJson } from "@event-pipeline/sns-filter-policy/filter-policy";
import { matches } from "@event-pipeline/sns-filter-policy/matches";
import { DEFAULT_FILTER_POLICY_SCOPE, type FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import {
  calculateMessageSize,
  type SnsStore,
  type SnsSubscription,
  type SnsTopic,
  type SqsMessage,
  type SqsQueue,
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
  /** SNS MessageId. */
  readonly messageId: string;
  readonly subscriptionArn: string;
  /** Reasons of both, in words. */
  readonly reason: string;
}

export interface SubscriptionDeliveryProps {
  readonly sns: SnsStore;
  readonly sqs: SqsStore;
  readonly deliveryBuffers: DeliveryBuffers;
  readonly onFiltered: (message: FilteredSnsMessage) => void;
  readonly onUndelivered: (undelivered: Undelivered) => void;
}

interface ParsedFilter {
  readonly json: string;
  readonly scope: string;
  readonly policy: FilterPolicy;
}

/** Limit of SQS for raw delivery. SNS does not retry a message with more. */
const MAX_RAW_ATTRIBUTES = 10;

/** Delivers a topic's messages to its subscriptions, or to their dead-letter queues. */
export class SubscriptionDelivery {
  /** Parsed filter policies. */
  private readonly filters = new WeakMap<SnsSubscription, ParsedFilter>();

  constructor(private readonly props: SubscriptionDeliveryProps) {}

  deliver(topic: SnsTopic, published: Omit<PublishedSnsMessage, "timestamp">): void {
    const { sns, onFiltered } = this.props;
    const { id: messageId, attributes } = published;
    const timestamp = Date.now();
    const message = { ...published, timestamp: new Date(timestamp).toISOString() };
    sns.spy?.addMessage({
      service: "sns",
      topicArn: topic.arn,
      topicName: topic.name,
      messageId,
      body: message.textFor("sqs"),
      messageAttributes: attributes,
      status: "published",
      timestamp,
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
    let filter = this.filters.get(subscription);
    if (filter?.json !== json || filter.scope !== scope) {
      filter = { json, scope, policy: parseFilterPolicyJson(json, scope as FilterPolicyScope) };
      this.filters.set(subscription, filter);
    }
    return matches(filter.policy, { body: textFor(subscription.protocol), attributes });
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
        ? this.props.deliveryBuffers.put(subscription.endpoint, text)
        : this.send(subscription.endpoint, toSend);
    if (reason !== undefined) this.deadLetter(subscription, message, toSend, reason);
  }

  /** Sends to a queue, or returns the reason why it rejects the message. */
  private send(queueArn: string, message: SqsMessage): string | undefined {
    const queue = this.props.sqs.getQueueByArn(queueArn);
    if (!queue) return `there is no queue ${queueArn}`;
    const bytes = calculateMessageSize(message.body, message.messageAttributes);
    const limit = Number(queue.attributes.MaximumMessageSize);
    if (bytes > limit) return `the message has ${bytes} bytes, and the limit of ${queue.name} is ${limit}`;
    const attributes = Object.keys(message.messageAttributes).length;
    if (attributes > MAX_RAW_ATTRIBUTES) {
      return `the raw message has ${attributes} attributes, and the limit of ${queue.name} is ${MAX_RAW_ATTRIBUTES}`;
    }
    enqueueOnce(queue, message);
    return undefined;
  }

  private deadLetter(
    subscription: SnsSubscription,
    { id }: PublishedSnsMessage,
    message: SqsMessage,
    reason: string,
  ): void {
    const { arn: subscriptionArn, attributes } = subscription;
    const targetArn = deadLetterTarget(attributes.RedrivePolicy);
    const secondReason = targetArn === undefined ? "it has no redrive policy" : this.send(targetArn, message);
    if (secondReason === undefined) return;
    this.props.onUndelivered({ messageId: id, subscriptionArn, reason: `${reason}; ${secondReason}` });
  }
}

/** Enqueues a message unless it is a duplicate in a FIFO queue. */
function enqueueOnce(queue: SqsQueue, message: SqsMessage): void {
  const { messageDeduplicationId } = message;
  if (queue.isFifo() && messageDeduplicationId) {
    if (queue.checkDeduplication(messageDeduplicationId).isDuplicate) return;
    message.sequenceNumber = queue.nextSequenceNumber();
    queue.recordDeduplication(messageDeduplicationId, message.messageId);
  }
  queue.enqueue(message);
}

/**
 * Returns the message in SNS's envelope, for a subscription without raw
 * delivery. Records of a delivery stream have no signature.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/firehose-archived-message-format-S3.html
 */
function envelopeOf(message: PublishedSnsMessage, { arn, topicArn, protocol }: SnsSubscription): string {
  const { id, subject, timestamp, attributes } = message;
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
    Timestamp: timestamp,
    ...(protocol !== "firehose" && {
      SignatureVersion: "1",
      Signature: "EXAMPLE",
      SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`,
    }),
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    ...(entries.length > 0 && { MessageAttributes: Object.fromEntries(entries) }),
  });
}
