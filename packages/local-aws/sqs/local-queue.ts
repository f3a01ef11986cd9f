import { SqsQueue, SqsStore } from "../fauxqs/parts";
import { atomically, type MessageWithSource } from "../fauxqs/persistence";

type FindQueue = NonNullable<Parameters<SqsQueue["dequeue"]>[2]>;

/** A message with its last receipt handle. In SQS, this handle stays valid after the visibility timeout. */
type ReceivedSqsMessage = SqsQueue["messages"][number] & { lastReceiptHandle?: string };

/** A fauxqs queue that counts messages as SQS does, and dead-letters messages without losing any. */
class LocalQueue extends SqsQueue {
  /** Ends expired visibility timeouts and delays first, so that counts are correct. fauxqs does so only on receive. */
  override getAttribute(name: Parameters<SqsQueue["getAttribute"]>[0]): string | undefined {
    this.processTimers();
    return super.getAttribute(name);
  }

  /** Receives in one transaction, because fauxqs deletes a message from this queue before it dead-letters the message. */
  override dequeue(maxCount: number, visibilityTimeoutSeconds?: number, findQueue?: FindQueue) {
    const findTarget = findQueue && ((arn: string) => this.redriveTarget(findQueue(arn)));
    const messages = atomically(this.persistence, () => super.dequeue(maxCount, visibilityTimeoutSeconds, findTarget));
    for (const { ReceiptHandle } of messages) {
      const message: ReceivedSqsMessage | undefined = this.inflightMessages.get(ReceiptHandle)?.message;
      if (message) message.lastReceiptHandle = ReceiptHandle;
    }
    return messages;
  }

  override deleteMessage(receiptHandle: string): boolean {
    if (super.deleteMessage(receiptHandle)) return true;
    const index = this.messages.findIndex((message: ReceivedSqsMessage) => message.lastReceiptHandle === receiptHandle);
    const [message] = index === -1 ? [] : this.messages.splice(index, 1);
    if (message) this.persistence?.deleteMessage(message.messageId);
    return message !== undefined;
  }

  /** Wraps the dead-letter queue, so that each message gets this queue as its source. */
  private redriveTarget(deadLetterQueue: SqsQueue | undefined): SqsQueue | undefined {
    if (!deadLetterQueue) return undefined;
    const enqueue = (message: MessageWithSource) => {
      message.deadLetterSourceArn = this.arn;
      deadLetterQueue.enqueue(message);
    };
    return { enqueue } as SqsQueue;
  }
}

/** fauxqs's SQS store, whose queues are `LocalQueue`s. */
export class LocalSqsStore extends SqsStore {
  override createQueue(...args: Parameters<SqsStore["createQueue"]>): SqsQueue {
    // fauxqs creates an SqsQueue. LocalQueue adds only methods, so changing the prototype is sufficient.
    return Object.setPrototypeOf(super.createQueue(...args), LocalQueue.prototype) as SqsQueue;
  }
}
