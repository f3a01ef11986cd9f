import { deadLetterTarget } from "../dead-letter-target";
import { SqsError, type SqsQueue, type SqsStore } from "../fauxqs/parts";
import { MessageMoveTask } from "./message-move-task";
import { type Input, inRange, required } from "./parameters";

/** ListMessageMoveTasks gives no more of a queue's tasks; older ones are forgotten. */
const MAX_RESULTS = 10;

const MAX_MESSAGES_PER_SECOND = 500;

/**
 * StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask, which
 * fauxqs has not. Tasks live as long as the run; what they did not move yet
 * is still in the dead-letter queue.
 */
export class MessageMoveTasks {
  /** By the ARN of the source queue, the most recent first. */
  private readonly tasksBySource = new Map<string, MessageMoveTask[]>();

  constructor(private readonly store: SqsStore) {}

  start(input: Input<"SourceArn" | "DestinationArn", string> & Input<"MaxNumberOfMessagesPerSecond", number>): {
    TaskHandle: string;
  } {
    const source = this.queue("SourceArn", required(input, "SourceArn"));
    const destinationArn = input.DestinationArn || undefined;
    const maxNumberOfMessagesPerSecond = inRange(input, "MaxNumberOfMessagesPerSecond", 1, MAX_MESSAGES_PER_SECOND);
    if (!this.isDeadLetterQueue(source)) {
      throw new SqsError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
    }
    if (destinationArn !== undefined) this.checkDestination(source, destinationArn);
    if (source.isFifo()) {
      throw new SqsError("UnsupportedOperation", "The local run moves the messages of standard queues only.");
    }
    const tasks = this.tasksBySource.get(source.arn) ?? [];
    if (tasks.some(({ active }) => active)) {
      throw new SqsError(
        "UnsupportedOperation",
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
      );
    }
    const task = new MessageMoveTask({ store: this.store, source, destinationArn, maxNumberOfMessagesPerSecond });
    this.tasksBySource.set(source.arn, [task, ...tasks].slice(0, MAX_RESULTS));
    task.start();
    return { TaskHandle: task.handle };
  }

  list(input: Input<"SourceArn", string> & Input<"MaxResults", number>): {
    Results: ReturnType<MessageMoveTask["describe"]>[];
  } {
    const source = this.queue("SourceArn", required(input, "SourceArn"));
    const maxResults = inRange(input, "MaxResults", 1, MAX_RESULTS) ?? 1;
    const tasks = this.tasksBySource.get(source.arn) ?? [];
    return { Results: tasks.slice(0, maxResults).map((task) => task.describe()) };
  }

  cancel(input: Input<"TaskHandle", string>): { ApproximateNumberOfMessagesMoved: number } {
    const handle = required(input, "TaskHandle");
    const task = [...this.tasksBySource.values()].flat().find((candidate) => candidate.handle === handle);
    if (!task) throw new SqsError("ResourceNotFoundException", "Task does not exist.");
    if (!task.running) throw new SqsError("UnsupportedOperation", "Only active tasks can be cancelled.");
    return { ApproximateNumberOfMessagesMoved: task.cancel() };
  }

  /** Moves nothing more. */
  stop(): void {
    for (const task of [...this.tasksBySource.values()].flat()) if (task.running) task.cancel();
  }

  private queue(parameter: string, arn: string): SqsQueue {
    const queue = this.store.getQueueByArn(arn);
    if (queue) return queue;
    throw new SqsError(
      "ResourceNotFoundException",
      `The resource that you specified for the ${parameter} parameter doesn't exist.`,
    );
  }

  private checkDestination(source: SqsQueue, destinationArn: string): void {
    const destination = this.queue("DestinationArn", destinationArn);
    if (destination === source) {
      throw new SqsError("InvalidParameterValue", "Source queue arn and destination queue arn cannot be the same.");
    }
    if (destination.isFifo() !== source.isFifo()) {
      throw new SqsError(
        "InvalidParameterValue",
        "The source queue and destination queue must be of the same queue type.",
      );
    }
  }

  private isDeadLetterQueue({ arn }: SqsQueue): boolean {
    return [...this.store.allQueues()].some(({ attributes }) => deadLetterTarget(attributes.RedrivePolicy) === arn);
  }
}
