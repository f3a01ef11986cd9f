import { randomUUID } from "node:crypto";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { calculateMessageSize, SqsError, type SqsQueue, SqsStore } from "../fauxqs/parts";
import type { SourcedMessage } from "../fauxqs/persistence";
import { atomically } from "../fauxqs/persistence";
import { deadLetterTarget } from "../redrive-policy";

import { inRange, required, type SqsInput } from "./parameters";

/** Maximum number of tasks per queue in ListMessageMoveTasks. Older ones are dropped. */
const MAX_RESULTS = 10;

const MAX_MESSAGES_PER_SECOND = 500;

/**
 * StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask, which
 * fauxqs lacks. A task ends with the run; the remaining messages stay in the
 * dead-letter queue.
 */
export class MessageMoveTasks {
  /** Tasks by the ARN of the source queue, the most recent one first. */
  private readonly tasksBySource = new Map<string, MessageMoveTask[]>();

  constructor(private readonly store: SqsStore) {}

  start(input: SqsInput<"SourceArn" | "DestinationArn", string> & SqsInput<"MaxNumberOfMessagesPerSecond", number>): {
    TaskHandle: string;
  } {
    const source = this.queue("SourceArn", required(input, "SourceArn"));
    const destinationArn = input.DestinationArn || undefined;
    const maxNumberOfMessagesPerSecond = inRange(input, "MaxNumberOfMessagesPerSecond", 1, MAX_MESSAGES_PER_SECOND);
    if (!this.isDeadLetterQueue(source)) {
      throw new SqsError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
    }
    if (destinationArn !== undefined) this.validateDestination(source, destinationArn);
    if (source.isFifo()) {
      throw new SqsError("UnsupportedOperation", "The local run supports message move tasks for standard queues only.");
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

  list(input: SqsInput<"SourceArn", string> & SqsInput<"MaxResults", number>): {
    Results: ReturnType<MessageMoveTask["describe"]>[];
  } {
    const source = this.queue("SourceArn", required(input, "SourceArn"));
    const maxResults = inRange(input, "MaxResults", 1, MAX_RESULTS) ?? 1;
    const tasks = this.tasksBySource.get(source.arn) ?? [];
    return { Results: tasks.slice(0, maxResults).map((task) => task.describe()) };
  }

  cancel(input: SqsInput<"TaskHandle", string>): { ApproximateNumberOfMessagesMoved: number } {
    const handle = required(input, "TaskHandle");
    const task = [...this.tasksBySource.values()].flat().find((candidate) => candidate.handle === handle);
    if (!task) throw new SqsError("ResourceNotFoundException", "Task does not exist.");
    if (!task.running) throw new SqsError("UnsupportedOperation", "Only active tasks can be cancelled.");
    return { ApproximateNumberOfMessagesMoved: task.cancel() };
  }

  /** Cancels all tasks. */
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

  private validateDestination(source: SqsQueue, destinationArn: string): void {
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

type MoveStatus = "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";

/** Messages per step without a rate. */
const STEP = 10;

interface MessageMoveTaskProps {
  readonly store: SqsStore;
  readonly source: SqsQueue;
  /** ARN of the destination queue; undefined for the source of each message. */
  readonly destinationArn: string | undefined;
  /** Rate; undefined for no limit. */
  readonly maxNumberOfMessagesPerSecond: number | undefined;
}

/** An error that fails the task; its message is the `FailureReason`. */
class MoveFailure extends Error {}

/**
 * Moves the messages that were visible in a dead-letter queue at the start, the
 * oldest first. Each becomes a new message with its own MessageId, time and
 * receive count.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
class MessageMoveTask {
  readonly handle: string;
  private readonly startedAt = Date.now();
  private readonly toMove: number;
  private readonly stopping = new AbortController();
  private status: MoveStatus = "RUNNING";
  private moved = 0;
  private failureReason: string | undefined;

  constructor(private readonly props: MessageMoveTaskProps) {
    const { source } = props;
    this.handle = Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString("base64");
    this.toMove = Number(source.getAttribute("ApproximateNumberOfMessages"));
  }

  start(): void {
    void this.run();
  }

  get sourceArn(): string {
    return this.props.source.arn;
  }

  /** True while the task prevents another one of the same queue. */
  get active(): boolean {
    return this.status === "RUNNING" || this.status === "CANCELLING";
  }

  get running(): boolean {
    return this.status === "RUNNING";
  }

  /** Cancels the task and returns the number of moved messages. */
  cancel(): number {
    this.status = "CANCELLING";
    this.stopping.abort();
    return this.moved;
  }

  /** Returns the task's entry of ListMessageMoveTasks. */
  describe(): Record<string, string | number | undefined> {
    const { destinationArn, maxNumberOfMessagesPerSecond } = this.props;
    return {
      TaskHandle: this.running ? this.handle : undefined,
      Status: this.status,
      SourceArn: this.sourceArn,
      DestinationArn: destinationArn,
      MaxNumberOfMessagesPerSecond: maxNumberOfMessagesPerSecond,
      ApproximateNumberOfMessagesMoved: this.moved,
      ApproximateNumberOfMessagesToMove: this.toMove,
      FailureReason: this.failureReason,
      StartedTimestamp: this.startedAt,
    };
  }

  private async run(): Promise<void> {
    try {
      while (this.moved < this.toMove) {
        await this.pause();
        if (!this.running || !this.moveSome()) break;
      }
      this.status = this.running ? "COMPLETED" : "CANCELLED";
    } catch (error) {
      if (!(error instanceof MoveFailure)) throw error;
      this.failureReason = error.message;
      this.status = "FAILED";
    }
  }

  /** Waits until the next message is due; for one turn of the event loop without a rate. */
  private async pause(): Promise<void> {
    const { maxNumberOfMessagesPerSecond: rate } = this.props;
    if (rate === undefined) return turn();
    const due = this.startedAt + (this.moved * 1_000) / rate;
    await sleep(Math.max(0, due - Date.now()), undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  /** @returns whether there was a message to move. */
  private moveSome(): boolean {
    const { store, source, maxNumberOfMessagesPerSecond: rate } = this.props;
    if (store.getQueueByArn(source.arn) !== source) throw new MoveFailure("AWS.SimpleQueueService.NonExistentQueue");
    source.processTimers();
    const messages = source.messages.slice(0, Math.min(rate === undefined ? STEP : 1, this.toMove - this.moved));
    for (const message of messages as SourcedMessage[]) {
      const destination = this.destinationOf(message);
      const delaySeconds = Number(destination.attributes.DelaySeconds);
      // In one transaction: after a kill the message is in exactly one of the queues.
      atomically(source.persistence, () => {
        destination.enqueue(SqsStore.createMessage(message.body, message.messageAttributes, delaySeconds));
        source.persistence?.deleteMessage(message.messageId);
      });
      source.messages.shift();
      this.moved++;
    }
    return messages.length > 0;
  }

  /** @throws MoveFailure with the reason that SQS documents. */
  private destinationOf(message: SourcedMessage): SqsQueue {
    const { store, destinationArn = message.deadLetterSourceArn } = this.props;
    if (destinationArn === undefined) throw new MoveFailure("CouldNotDetermineMessageSource");
    const destination = store.getQueueByArn(destinationArn);
    if (!destination) throw new MoveFailure("AWS.SimpleQueueService.NonExistentQueue");
    const bytes = calculateMessageSize(message.body, message.messageAttributes);
    const limit = Number(destination.attributes.MaximumMessageSize);
    if (bytes > limit) {
      throw new MoveFailure(
        `Message ${message.messageId} has ${bytes} bytes, and the limit of ${destination.name} is ${limit}.`,
      );
    }
    return destination;
  }
}
