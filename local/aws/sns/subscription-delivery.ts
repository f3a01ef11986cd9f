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

/** What no queue took: neither the subscription's own nor its dead-letter queue. */
export interface Undelivered {
  /** SNS MessageId. */
  readonly messageId: string;
  readonly subscriptionArn: string;
  /** Why, in words. */
  readonly reason: string;
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
  /** SNS MessageId of what is being published; fauxqs tells the spy of it, then delivers, all in one turn. */
  private messageId = "";

  constructor(
    private readonly sns: SnsStore,
    private readonly sqs: SqsStore,
    private readonly onUndelivered: (undelivered: Undelivered) => void,
  ) {
    const addMessage: MessageSpy["addMessage"] = (message) => {
      if (message.service === "sns") this.messageId = message.messageId;
      sns.spy?.addMessage(message);
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
    const subscription = this.sns.getSubscription(subscriptionArn);
    if (!subscription) return undefined;
    const queue = this.sqs.getQueueByArn(subscription.endpoint);
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

  private redrive(subscription: SnsSubscription, message: SqsMessage, reason: string): void {
    const { messageId } = this;
    const { arn: subscriptionArn, attributes } = subscription;
    const targetArn = deadLetterTarget(attributes.RedrivePolicy);
    if (targetArn === undefined) {
      this.onUndelivered({ messageId, subscriptionArn, reason: `${reason}; it has no redrive policy` });
      return;
    }
    const target = this.sqs.getQueueByArn(targetArn);
    const secondReason = whyNot(target, targetArn, message);
    if (secondReason === undefined) target?.enqueue(message);
    else this.onUndelivered({ messageId, subscriptionArn, reason: `${reason}; ${secondReason}` });
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
