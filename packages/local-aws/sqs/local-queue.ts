import { SqsQueue, SqsStore } from "../fauxqs/parts";
import type { SourcedMessage } from "../fauxqs/persistence";
import { atomically } from "../fauxqs/persistence";

type FindQueue = NonNullable<Parameters<SqsQueue["dequeue"]>[2]>;

/** A message with its last receipt handle: SQS deletes by it even after the message is visible again. */
type ReceivedSqsMessage = SqsQueue["messages"][number] & { lastReceiptHandle?: string };

/** A queue of fauxqs with SQS's counts and a dead-letter queue that loses no message. */
class LocalQueue extends SqsQueue {
  /** Returns an attribute. fauxqs ends visibility timeouts and delays only on receive, so the counts would be wrong. */
  override getAttribute(name: Parameters<SqsQueue["getAttribute"]>[0]): string | undefined {
    this.processTimers();
    return super.getAttribute(name);
  }

  /** Receives in one transaction. fauxqs deletes from one queue before it writes to the other. */
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

  /** Returns a dead-letter queue that records the source of each message. */
  private redriveTarget(deadLetterQueue: SqsQueue | undefined): SqsQueue | undefined {
    if (!deadLetterQueue) return undefined;
    const enqueue = (message: SourcedMessage) => {
      message.deadLetterSourceArn = this.arn;
      deadLetterQueue.enqueue(message);
    };
    return { enqueue } as SqsQueue;
  }
}

/** A store of fauxqs whose queues are `LocalQueue`s. */
export class LocalSqsStore extends SqsStore {
  override createQueue(...args: Parameters<SqsStore["createQueue"]>): SqsQueue {
    // fauxqs calls its own constructor. LocalQueue only adds methods, so the prototype is sufficient.
    return Object.setPrototypeOf(super.createQueue(...args), LocalQueue.prototype) as SqsQueue;
  }
}
