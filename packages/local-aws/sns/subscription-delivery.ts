import { deadLetterTarget } from "../dead-letter-target";
import {
  calculateMessageSize,
  type SnsStore,
  type SnsSubscription,
  type SnsTopic,
  type SqsMessage,
  type SqsQueue,
  SqsStore,
} from "../fauxqs/parts";
import type { Intakes } from "../firehose/intakes";
import { envelopeOf } from "./envelope";
import type { PublishedMessage } from "./message";
import { letsThrough } from "./subscription-filter";

/** An event that a subscription's filter policy dropped. */
export interface FilteredMessage {
  readonly service: "sns";
  readonly status: "filtered";
  readonly messageId: string;
  readonly topicArn: string;
  /** The subscription's: a queue's ARN, or a delivery stream's. */
  readonly endpoint: string;
}

/** What nothing took: neither the subscription's endpoint nor its dead-letter queue. */
export interface Undelivered {
  /** SNS MessageId. */
  readonly messageId: string;
  readonly subscriptionArn: string;
  /** Why, in words. */
  readonly reason: string;
}

export interface SubscriptionDeliveryProps {
  readonly sns: SnsStore;
  readonly sqs: SqsStore;
  readonly intakes: Intakes;
  readonly onFiltered: (message: FilteredMessage) => void;
  readonly onUndelivered: (undelivered: Undelivered) => void;
}

/** SQS discards a raw message with more, as SNS says: a client's error, which is not tried again. */
const MAX_RAW_ATTRIBUTES = 10;

/** Gives a topic's messages to its subscriptions, and what an endpoint cannot take to the subscription's dead-letter queue. */
export class SubscriptionDelivery {
  constructor(private readonly props: SubscriptionDeliveryProps) {}

  deliver(topic: SnsTopic, published: Omit<PublishedMessage, "timestamp">): void {
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
      if (letsThrough(subscription, message)) this.give(subscription, message);
      else {
        const { endpoint } = subscription;
        onFiltered({ service: "sns", status: "filtered", messageId, topicArn: topic.arn, endpoint });
      }
    }
  }

  /** @see https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html */
  private give(subscription: SnsSubscription, message: PublishedMessage): void {
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
        ? this.props.intakes.put(subscription.endpoint, text)
        : this.send(subscription.endpoint, toSend);
    if (reason !== undefined) this.redrive(subscription, message, toSend, reason);
  }

  /** Why the queue cannot take the message; undefined when it has it. */
  private send(queueArn: string, message: SqsMessage): string | undefined {
    const queue = this.props.sqs.getQueueByArn(queueArn);
    if (!queue) return `there is no queue ${queueArn}`;
    const bytes = calculateMessageSize(message.body, message.messageAttributes);
    const limit = Number(queue.attributes.MaximumMessageSize);
    if (bytes > limit) return `the message has ${bytes} bytes and ${queue.name} takes ${limit}`;
    const attributes = Object.keys(message.messageAttributes).length;
    if (attributes > MAX_RAW_ATTRIBUTES) {
      return `the raw message has ${attributes} attributes and ${queue.name} takes ${MAX_RAW_ATTRIBUTES}`;
    }
    enqueueOnce(queue, message);
    return undefined;
  }

  private redrive(subscription: SnsSubscription, { id }: PublishedMessage, message: SqsMessage, reason: string): void {
    const { arn: subscriptionArn, attributes } = subscription;
    const targetArn = deadLetterTarget(attributes.RedrivePolicy);
    const secondReason = targetArn === undefined ? "it has no redrive policy" : this.send(targetArn, message);
    if (secondReason === undefined) return;
    this.props.onUndelivered({ messageId: id, subscriptionArn, reason: `${reason}; ${secondReason}` });
  }
}

/** A FIFO queue takes a message once. */
function enqueueOnce(queue: SqsQueue, message: SqsMessage): void {
  const { messageDeduplicationId } = message;
  if (queue.isFifo() && messageDeduplicationId) {
    if (queue.checkDeduplication(messageDeduplicationId).isDuplicate) return;
    message.sequenceNumber = queue.nextSequenceNumber();
    queue.recordDeduplication(messageDeduplicationId, message.messageId);
  }
  queue.enqueue(message);
}
