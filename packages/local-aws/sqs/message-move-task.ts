import { randomUUID } from "node:crypto";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { calculateMessageSize, type SqsQueue, SqsStore } from "../fauxqs/parts";
import { atomically } from "./atomically";
import type { DeadLetter } from "./dead-letter-sources";

type Status = "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";

/** Messages moved in one step where no rate was asked for. */
const STEP = 10;

export interface MessageMoveTaskProps {
  readonly store: SqsStore;
  readonly source: SqsQueue;
  /** ARN of the queue that takes the messages; each one's own source when absent. */
  readonly destinationArn: string | undefined;
  /** As fast as it goes when absent. */
  readonly maxNumberOfMessagesPerSecond: number | undefined;
}

/** That the task cannot go on; the message is its `FailureReason`. */
class MoveFailure extends Error {}

/**
 * Moves the messages that were visible in a dead-letter queue when it started,
 * oldest first; what is dead-lettered meanwhile stays. Each is a new message
 * in its new queue: with a MessageId, a time and a receive count of its own.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
export class MessageMoveTask {
  readonly handle: string;
  private readonly startedAt = Date.now();
  private readonly toMove: number;
  private readonly stopping = new AbortController();
  private status: Status = "RUNNING";
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

  /** Whether it keeps another task of the same queue from starting. */
  get active(): boolean {
    return this.status === "RUNNING" || this.status === "CANCELLING";
  }

  get running(): boolean {
    return this.status === "RUNNING";
  }

  /** Moves no further message; those moved stay where they are. */
  cancel(): number {
    this.status = "CANCELLING";
    this.stopping.abort();
    return this.moved;
  }

  /** An entry of ListMessageMoveTasks; what does not apply is left out. */
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

  /** Until the next message is due by the rate; a turn of the event loop when there is none. */
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
    for (const message of messages as DeadLetter[]) {
      const destination = this.destinationOf(message);
      const delaySeconds = Number(destination.attributes.DelaySeconds);
      // In one step on disk: a kill leaves the message in one of the two queues.
      atomically(source.persistence, () => {
        destination.enqueue(SqsStore.createMessage(message.body, message.messageAttributes, delaySeconds));
        source.persistence?.deleteMessage(message.messageId);
      });
      source.messages.shift();
      this.moved++;
    }
    return messages.length > 0;
  }

  /** @throws MoveFailure with the reasons that SQS documents, where it does. */
  private destinationOf(message: DeadLetter): SqsQueue {
    const { store, destinationArn = message.deadLetterSourceArn } = this.props;
    if (destinationArn === undefined) throw new MoveFailure("CouldNotDetermineMessageSource");
    const destination = store.getQueueByArn(destinationArn);
    if (!destination) throw new MoveFailure("AWS.SimpleQueueService.NonExistentQueue");
    const bytes = calculateMessageSize(message.body, message.messageAttributes);
    const limit = Number(destination.attributes.MaximumMessageSize);
    if (bytes > limit) {
      throw new MoveFailure(`Message ${message.messageId} has ${bytes} bytes, and ${destination.name} takes ${limit}.`);
    }
    return destination;
  }
}
