import { randomUUID } from "node:crypto";
import type { ListMessageMoveTasksResultEntry } from "@aws-sdk/client-sqs";
import type { CancelTimer, Clock } from "../clock";
import { messageBytes } from "../message-attributes";
import { AwsError } from "../protocols/aws-error";
import { attributesOf, type StoredMessage } from "./message";
import type { Queue } from "./queue";

/** Maximum number of tasks per queue that ListMessageMoveTasks returns. Older tasks are forgotten. */
export const MAX_TASKS = 10;

interface Queues {
  queueByArn(arn: string): Queue | undefined;
}

/** The message move tasks of all queues. A restart ends them; messages that are not moved yet stay where they are. */
export class MessageMoveTasks {
  /** Tasks by the source queue's ARN, most recent first. */
  private readonly bySource = new Map<string, MessageMoveTask[]>();

  constructor(
    private readonly queues: Queues,
    private readonly clock: Clock,
  ) {}

  /**
   * Starts to move the messages that are visible now.
   *
   * @param destination - Undefined to move each message to its own source queue.
   * @param rate - Maximum number of messages per second. @default - no limit
   * @throws AwsError when a task for this queue is running.
   */
  start(source: Queue, destination: Queue | undefined, rate: number | undefined): MessageMoveTask {
    const tasks = this.of(source);
    if (tasks.some(({ isActive }) => isActive)) {
      const message =
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
      throw new AwsError("UnsupportedOperation", message);
    }
    const task = new MessageMoveTask(this.queues, this.clock, source, destination?.arn, rate);
    this.bySource.set(source.arn, [task, ...tasks].slice(0, MAX_TASKS));
    task.next();
    return task;
  }

  /** Returns a queue's tasks, most recent first. */
  of({ arn }: Queue): readonly MessageMoveTask[] {
    return this.bySource.get(arn) ?? [];
  }

  find(handle: string): MessageMoveTask | undefined {
    return [...this.bySource.values()].flat().find((task) => task.handle === handle);
  }

  /** Cancels all running tasks. */
  stop(): void {
    for (const task of [...this.bySource.values()].flat()) if (task.isActive) task.cancel();
  }
}

/** Number of messages to move at a time if the rate is not limited. */
const MESSAGES_PER_STEP = 10;

/** An error that ends the task with the status FAILED. Its message is the `FailureReason`. */
class MoveFailure extends Error {}

/**
 * Moves the visible messages of a dead-letter queue. As on AWS, each becomes a new message with a new message ID,
 * timestamp and receive count.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
class MessageMoveTask {
  readonly handle: string;
  moved = 0;
  private status: "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED" = "RUNNING";
  private failureReason: string | undefined;
  private readonly startedAt: number;
  private readonly toMove: number;
  private cancelTimer: CancelTimer | undefined;

  constructor(
    private readonly queues: Queues,
    private readonly clock: Clock,
    private readonly source: Queue,
    private readonly destinationArn: string | undefined,
    private readonly rate: number | undefined,
  ) {
    this.handle = Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString("base64");
    this.startedAt = clock.now();
    this.toMove = source.counts().visible;
  }

  get isActive(): boolean {
    return this.status === "RUNNING";
  }

  cancel(): void {
    this.status = "CANCELLED";
    this.cancelTimer?.();
  }

  /** Returns the task's entry in ListMessageMoveTasks. */
  describe(): ListMessageMoveTasksResultEntry {
    return {
      TaskHandle: this.isActive ? this.handle : undefined,
      Status: this.status,
      SourceArn: this.source.arn,
      DestinationArn: this.destinationArn,
      MaxNumberOfMessagesPerSecond: this.rate,
      ApproximateNumberOfMessagesMoved: this.moved,
      ApproximateNumberOfMessagesToMove: this.toMove,
      FailureReason: this.failureReason,
      StartedTimestamp: this.startedAt,
    };
  }

  /** Moves the next messages, as soon as the rate allows it. */
  next(): void {
    const due = this.rate === undefined ? 0 : this.startedAt + (this.moved * 1_000) / this.rate;
    this.cancelTimer = this.clock.after(due - this.clock.now(), () => {
      try {
        if (this.moveSome() && this.moved < this.toMove) this.next();
        else this.status = "COMPLETED";
      } catch (error) {
        if (!(error instanceof MoveFailure)) throw error;
        this.failureReason = error.message;
        this.status = "FAILED";
      }
    });
  }

  /** Moves the next messages. Returns whether there were any. */
  private moveSome(): boolean {
    const { source, rate, toMove } = this;
    if (this.queues.queueByArn(source.arn) !== source) throw new MoveFailure("AWS.SimpleQueueService.NonExistentQueue");
    const end = Math.min(this.moved + (rate === undefined ? MESSAGES_PER_STEP : 1), toMove);
    for (; this.moved < end; this.moved++) {
      const message = source.peek();
      if (!message) return false;
      const { stored } = message;
      const destination = this.destinationOf(stored);
      const { body, groupId, traceHeader, senderId } = stored;
      // In one turn, so that after a kill the message is in exactly one of the queues.
      destination.send({ body, attributes: attributesOf(stored), groupId, traceHeader, senderId });
      source.remove(message);
    }
    return true;
  }

  /** @throws MoveFailure when the queue does not exist or does not accept the message. */
  private destinationOf(message: StoredMessage): Queue {
    const arn = this.destinationArn ?? message.deadLetterSourceArn;
    if (arn === undefined) throw new MoveFailure("CouldNotDetermineMessageSource");
    const destination = this.queues.queueByArn(arn);
    if (!destination) throw new MoveFailure("AWS.SimpleQueueService.NonExistentQueue");
    const bytes = messageBytes(message.body, attributesOf(message));
    const limit = Number(destination.attributes.MaximumMessageSize);
    if (bytes <= limit) return destination;
    const reason = `Message ${message.id} has ${bytes} bytes, and the limit of ${destination.name} is ${limit}.`;
    throw new MoveFailure(reason);
  }
}
