import { randomUUID } from "node:crypto";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type {
  CancelMessageMoveTaskRequest,
  ListMessageMoveTasksRequest,
  ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskRequest,
} from "@aws-sdk/client-sqs";
import { calculateMessageSize, SqsError, type SqsQueue, SqsStore } from "../fauxqs/parts";
import { atomically, type MessageWithSource } from "../fauxqs/persistence";
import { deadLetterTarget } from "../redrive-policy";
import { inRange, required } from "./sqs-input";

/** Maximum number of tasks per queue that ListMessageMoveTasks returns. Older tasks are forgotten. */
const MAX_RESULTS = 10;

const MAX_MESSAGES_PER_SECOND = 500;

/**
 * Handles StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask,
 * which fauxqs does not support. When the local run stops, its tasks stop too;
 * messages that are not moved yet stay in the dead-letter queue.
 */
export class MessageMoveTasks {
  /** Tasks by the source queue's ARN, most recent first. */
  private readonly tasksBySource = new Map<string, MessageMoveTask[]>();

  constructor(private readonly store: SqsStore) {}

  start(input: Partial<StartMessageMoveTaskRequest>): { TaskHandle: string } {
    const source = this.queue("SourceArn", required(input, "SourceArn"));
    const { arn } = source;
    const rate = inRange(input, "MaxNumberOfMessagesPerSecond", 1, MAX_MESSAGES_PER_SECOND);
    const queues = [...this.store.allQueues()];
    if (!queues.some(({ attributes }) => deadLetterTarget(attributes.RedrivePolicy) === arn)) {
      throw new SqsError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
    }
    const destination = input.DestinationArn ? this.queue("DestinationArn", input.DestinationArn) : undefined;
    if (destination === source) {
      throw new SqsError("InvalidParameterValue", "Source queue arn and destination queue arn cannot be the same.");
    }
    if (destination && destination.isFifo() !== source.isFifo()) {
      const message = "The source queue and destination queue must be of the same queue type.";
      throw new SqsError("InvalidParameterValue", message);
    }
    if (source.isFifo()) {
      throw new SqsError("UnsupportedOperation", "The local run supports message move tasks for standard queues only.");
    }
    const tasks = this.tasksBySource.get(arn) ?? [];
    if (tasks.some(({ status }) => status === "RUNNING" || status === "CANCELLING")) {
      const message =
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
      throw new SqsError("UnsupportedOperation", message);
    }
    const task = new MessageMoveTask(this.store, source, destination?.arn, rate);
    this.tasksBySource.set(arn, [task, ...tasks].slice(0, MAX_RESULTS));
    void task.run();
    return { TaskHandle: task.handle };
  }

  list(input: Partial<ListMessageMoveTasksRequest>): { Results: ListMessageMoveTasksResultEntry[] } {
    const source = this.queue("SourceArn", required(input, "SourceArn"));
    const maxResults = inRange(input, "MaxResults", 1, MAX_RESULTS) ?? 1;
    const tasks = this.tasksBySource.get(source.arn) ?? [];
    return { Results: tasks.slice(0, maxResults).map((task) => task.describe()) };
  }

  cancel(input: Partial<CancelMessageMoveTaskRequest>): { ApproximateNumberOfMessagesMoved: number } {
    const handle = required(input, "TaskHandle");
    const task = [...this.tasksBySource.values()].flat().find((candidate) => candidate.handle === handle);
    if (!task) throw new SqsError("ResourceNotFoundException", "Task does not exist.");
    if (task.status !== "RUNNING") throw new SqsError("UnsupportedOperation", "Only active tasks can be cancelled.");
    return { ApproximateNumberOfMessagesMoved: task.cancel() };
  }

  /** Cancels all running tasks. */
  stop(): void {
    for (const task of [...this.tasksBySource.values()].flat()) if (task.status === "RUNNING") task.cancel();
  }

  private queue(parameter: string, arn: string): SqsQueue {
    const queue = this.store.getQueueByArn(arn);
    if (queue) return queue;
    const message = `The resource that you specified for the ${parameter} parameter doesn't exist.`;
    throw new SqsError("ResourceNotFoundException", message);
  }
}

/** Number of messages to move at a time if the rate is not limited. */
const MESSAGES_PER_STEP = 10;

/** An error that ends the task with the status FAILED. Its message is the `FailureReason`. */
class MoveFailure extends Error {}

/**
 * Moves the oldest messages of a dead-letter queue: as many as were visible at
 * the start. As in SQS, each becomes a new message with a new message ID,
 * timestamp and receive count.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
class MessageMoveTask {
  readonly handle: string;
  status: "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED" = "RUNNING";
  private readonly startedAt = Date.now();
  private readonly toMove: number;
  private readonly stopping = new AbortController();
  private moved = 0;
  private failureReason: string | undefined;

  /**
   * @param destinationArn - Destination queue; undefined to move each message to its own source queue.
   * @param rate - Maximum messages per second; undefined for no limit.
   */
  constructor(
    private readonly store: SqsStore,
    private readonly source: SqsQueue,
    private readonly destinationArn: string | undefined,
    private readonly rate: number | undefined,
  ) {
    this.handle = Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString("base64");
    this.toMove = Number(source.getAttribute("ApproximateNumberOfMessages"));
  }

  /** Cancels the task and returns the number of moved messages. */
  cancel(): number {
    this.status = "CANCELLING";
    this.stopping.abort();
    return this.moved;
  }

  /** Returns the task's entry in ListMessageMoveTasks. */
  describe(): ListMessageMoveTasksResultEntry {
    return {
      TaskHandle: this.status === "RUNNING" ? this.handle : undefined,
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

  async run(): Promise<void> {
    try {
      while (this.moved < this.toMove) {
        await this.waitForRate();
        if (this.stopping.signal.aborted || !this.moveSome()) break;
      }
      this.status = this.stopping.signal.aborted ? "CANCELLED" : "COMPLETED";
    } catch (error) {
      if (!(error instanceof MoveFailure)) throw error;
      this.failureReason = error.message;
      this.status = "FAILED";
    }
  }

  /** Waits until the rate allows the next message; if the rate is not limited, for one turn of the event loop. */
  private async waitForRate(): Promise<void> {
    if (this.rate === undefined) return turn();
    const due = this.startedAt + (this.moved * 1_000) / this.rate;
    const { signal } = this.stopping;
    await sleep(Math.max(0, due - Date.now()), undefined, { signal }).catch(() => undefined);
  }

  /** Moves the next messages. Returns whether there were any. */
  private moveSome(): boolean {
    const { store, source, rate } = this;
    if (store.getQueueByArn(source.arn) !== source) throw new MoveFailure("AWS.SimpleQueueService.NonExistentQueue");
    source.processTimers();
    const messages = source.messages.slice(
      0,
      Math.min(rate === undefined ? MESSAGES_PER_STEP : 1, this.toMove - this.moved),
    );
    for (const message of messages as MessageWithSource[]) {
      const destination = this.destinationOf(message);
      const delaySeconds = Number(destination.attributes.DelaySeconds);
      // In one transaction, so that after a kill the message is in exactly one of the queues.
      atomically(source.persistence, () => {
        destination.enqueue(SqsStore.createMessage(message.body, message.messageAttributes, delaySeconds));
        source.persistence?.deleteMessage(message.messageId);
      });
      source.messages.shift();
      this.moved++;
    }
    return messages.length > 0;
  }

  /** @throws MoveFailure when the queue does not exist or does not accept the message. */
  private destinationOf(message: MessageWithSource): SqsQueue {
    const arn = this.destinationArn ?? message.deadLetterSourceArn;
    if (arn === undefined) throw new MoveFailure("CouldNotDetermineMessageSource");
    const destination = this.store.getQueueByArn(arn);
    if (!destination) throw new MoveFailure("AWS.SimpleQueueService.NonExistentQueue");
    const bytes = calculateMessageSize(message.body, message.messageAttributes);
    const limit = Number(destination.attributes.MaximumMessageSize);
    if (bytes <= limit) return destination;
    const reason = `Message ${message.messageId} has ${bytes} bytes, and the limit of ${destination.name} is ${limit}.`;
    throw new MoveFailure(reason);
  }
}
