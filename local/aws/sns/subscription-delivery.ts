import { deadLetterTarget } from "../dead-letter-target";
import {
  calculateMessageSize,
  type MessageSpy,
  type SnsStore,
  type SnsSubscription,
  type SqsMessage,
  type SqsQueue,
  type SqsStore,
} from "../fauxqs/parts";

/** An event that a subscription's filter policy dropped; fauxqs tells nobody of it. */
export interface FilteredMessage {
  readonly service: "sns";
  readonly status: "filtered";
  readonly messageId: string;
  readonly topicArn: string;
  /** The subscription's endpoint. */
  readonly queueArn: string;
}

/** What no queue took: neither the subscription's own nor its dead-letter queue. */
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
  readonly onFiltered: (message: FilteredMessage) => void;
  readonly onUndelivered: (undelivered: Undelivered) => void;
}

/** What is being published, and who has been asked to take it. */
interface Publication {
  readonly messageId: string;
  readonly topicArn: string;
  /** ARNs of the subscriptions that let it through. */
  readonly letThrough: Set<string>;
}

/**
 * The two stores as Publish of fauxqs sees them. fauxqs asks for a
 * subscription, and then for the queue that it names, and skips the
 * subscription without a word when there is no such queue. Here a subscription
 * names itself instead, so that what stands for its queue knows where else to
 * turn: to the dead-letter queue of its `RedrivePolicy`, as SNS does.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
export class SubscriptionDelivery {
  readonly snsStore: SnsStore;
  readonly sqsStore: SqsStore;
  /** fauxqs tells the spy of it, then delivers, all in one turn. */
  private publication: Publication | undefined;

  constructor(private readonly props: SubscriptionDeliveryProps) {
    const { sns, sqs } = props;
    const addMessage: MessageSpy["addMessage"] = (message) => {
      sns.spy?.addMessage(message);
      if (message.service !== "sns") return;
      const { messageId, topicArn } = message;
      const publication = { messageId, topicArn, letThrough: new Set<string>() };
      this.publication = publication;
      queueMicrotask(() => this.tellFiltered(publication));
    };
    this.snsStore = Object.create(sns, {
      getSubscription: { value: (arn: string) => namingItself(sns.getSubscription(arn)) },
      spy: { value: { addMessage } },
    }) as SnsStore;
    this.sqsStore = Object.create(sqs, {
      getQueueByArn: { value: (subscriptionArn: string) => this.queueFor(subscriptionArn) },
    }) as SqsStore;
  }

  /** The subscription's queue, but that it turns to the dead-letter queue with what it cannot take. */
  private queueFor(subscriptionArn: string): SqsQueue | undefined {
    const { sns, sqs } = this.props;
    const subscription = sns.getSubscription(subscriptionArn);
    if (!subscription) return undefined;
    this.publication?.letThrough.add(subscriptionArn);
    const queue = sqs.getQueueByArn(subscription.endpoint);
    const enqueue = (message: SqsMessage) => {
      const reason = whyNot(queue, subscription.endpoint, message);
      if (reason === undefined) queue?.enqueue(message);
      else this.redrive(subscription, message, reason);
    };
    if (!queue) return { enqueue, isFifo: () => false } as SqsQueue;
    return new Proxy(queue, {
      get: (target, key) => (key === "enqueue" ? enqueue : Reflect.get(target, key)),
    });
  }

  /** Those whose filter policy kept fauxqs from asking for their queue. */
  private tellFiltered({ messageId, topicArn, letThrough }: Publication): void {
    const { sns, onFiltered } = this.props;
    for (const arn of sns.getTopic(topicArn)?.subscriptionArns ?? []) {
      const { protocol, confirmed, attributes, endpoint = "" } = sns.getSubscription(arn) ?? {};
      if (protocol !== "sqs" || !confirmed || !attributes?.FilterPolicy || letThrough.has(arn)) continue;
      onFiltered({ service: "sns", status: "filtered", messageId, topicArn, queueArn: endpoint });
    }
  }

  private redrive(subscription: SnsSubscription, message: SqsMessage, reason: string): void {
    const { sqs, onUndelivered } = this.props;
    const messageId = String(this.publication?.messageId);
    const { arn: subscriptionArn, attributes } = subscription;
    const targetArn = deadLetterTarget(attributes.RedrivePolicy);
    if (targetArn === undefined) {
      onUndelivered({ messageId, subscriptionArn, reason: `${reason}; it has no redrive policy` });
      return;
    }
    const target = sqs.getQueueByArn(targetArn);
    const secondReason = whyNot(target, targetArn, message);
    if (secondReason === undefined) target?.enqueue(message);
    else onUndelivered({ messageId, subscriptionArn, reason: `${reason}; ${secondReason}` });
  }
}

/** A view of the subscription: what is set on it is set on the subscription. */
function namingItself(subscription: SnsSubscription | undefined): SnsSubscription | undefined {
  return (
    subscription &&
    new Proxy(subscription, {
      get: (target, key) => (key === "endpoint" ? target.arn : Reflect.get(target, key)),
    })
  );
}

/** Why the queue cannot take the message; undefined when it can. */
function whyNot(queue: SqsQueue | undefined, arn: string, message: SqsMessage): string | undefined {
  if (!queue) return `there is no queue ${arn}`;
  const bytes = calculateMessageSize(message.body, message.messageAttributes);
  const limit = Number(queue.attributes.MaximumMessageSize);
  return bytes > limit ? `the message has ${bytes} bytes and ${queue.name} takes ${limit}` : undefined;
}
