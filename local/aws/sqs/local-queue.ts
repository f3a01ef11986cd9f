import { SqsQueue, SqsStore } from "../fauxqs/parts";
import { atomically } from "./atomically";
import type { DeadLetter } from "./dead-letter-sources";

type Dequeue = Parameters<SqsQueue["dequeue"]>;
type FindQueue = NonNullable<Dequeue[2]>;

/** A queue of fauxqs that counts as SQS does, and moves to a dead-letter queue in one step. */
class LocalQueue extends SqsQueue {
  /** fauxqs ends visibility timeouts and delays only when it is polled; whoever counts sees those that are over. */
  override getAttribute(name: Parameters<SqsQueue["getAttribute"]>[0]): string | undefined {
    this.processTimers();
    return super.getAttribute(name);
  }

  override dequeue(maxCount: number, visibilityTimeoutSeconds?: number, findQueue?: FindQueue) {
    const findTarget = findQueue && ((arn: string) => this.redriveTarget(findQueue(arn)));
    return atomically(this.persistence, () => super.dequeue(maxCount, visibilityTimeoutSeconds, findTarget));
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
