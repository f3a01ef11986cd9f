import { SqsQueue, SqsStore } from "../fauxqs/parts";
import { atomically } from "./atomically";
import type { DeadLetter } from "./dead-letter-sources";

type FindQueue = NonNullable<Parameters<SqsQueue["dequeue"]>[2]>;

/** A message knows under which handle it was last received: SQS deletes by that one, visible again or not. */
type Received = SqsQueue["messages"][number] & { lastReceiptHandle?: string };

/** A queue of fauxqs that counts as SQS does, and moves to a dead-letter queue in one step. */
class LocalQueue extends SqsQueue {
  /** fauxqs ends visibility timeouts and delays only when it is polled; whoever counts sees those that are over. */
  override getAttribute(name: Parameters<SqsQueue["getAttribute"]>[0]): string | undefined {
    this.processTimers();
    return super.getAttribute(name);
  }

  /** fauxqs deletes from one queue and then writes to the other: on disk, a kill in between would lose the message. */
  override dequeue(maxCount: number, visibilityTimeoutSeconds?: number, findQueue?: FindQueue) {
    const findTarget = findQueue && ((arn: string) => this.redriveTarget(findQueue(arn)));
    const messages = atomically(this.persistence, () => super.dequeue(maxCount, visibilityTimeoutSeconds, findTarget));
    for (const { ReceiptHandle } of messages) {
      const message: Received | undefined = this.inflightMessages.get(ReceiptHandle)?.message;
      if (message) message.lastReceiptHandle = ReceiptHandle;
    }
    return messages;
  }

  override deleteMessage(receiptHandle: string): boolean {
    if (super.deleteMessage(receiptHandle)) return true;
    const index = this.messages.findIndex((message: Received) => message.lastReceiptHandle === receiptHandle);
    const [message] = index === -1 ? [] : this.messages.splice(index, 1);
    if (message) this.persistence?.deleteMessage(message.messageId);
    return message !== undefined;
  }

  /** The dead-letter queue, as far as fauxqs asks it for something: it is told where the message came from. */
  private redriveTarget(deadLetterQueue: SqsQueue | undefined): SqsQueue | undefined {
    if (!deadLetterQueue) return undefined;
    const enqueue = (message: DeadLetter) => {
      message.deadLetterSourceArn = this.arn;
      deadLetterQueue.enqueue(message);
    };
    return { enqueue } as SqsQueue;
  }
}

/** Its queues are LocalQueues. */
export class LocalSqsStore extends SqsStore {
  override createQueue(...args: Parameters<SqsStore["createQueue"]>): SqsQueue {
    // fauxqs calls the constructor of its own class itself; LocalQueue adds methods only.
    return Object.setPrototypeOf(super.createQueue(...args), LocalQueue.prototype) as SqsQueue;
  }
}
