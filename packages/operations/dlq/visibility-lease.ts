import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type DeleteMessageBatchResult,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import pMap from "p-map";
import { type Clock, SYSTEM_CLOCK } from "../clock";
import { retryOnThrottle } from "../retry";
import { type QueueCounts, queueCounts, type SqsQueue } from "../sqs/queue-counts";
import { type DeadLetterMessage, deadLetterMessage } from "./dead-letter-message";

const BATCH_SIZE = 10;
const CONCURRENT_REQUESTS = 4;
/** The default lease: this many seconds, plus one second for every 200 messages in the queue. */
const MIN_LEASE_SECONDS = 30;
const MESSAGES_PER_SECOND = 200;
/** SQS allows 120,000 messages in flight per queue. The other 20,000 are left to other consumers. */
const MAX_LEASED = 100_000;
/** The number of empty polls after which the queue is taken to be empty, even if its count is above 0. */
const EMPTY_POLLS = 3;
const POLL_SECONDS = 1;

interface LeasedMessage {
  receiptHandle: string;
  /** The time at which SQS makes the message visible again, in milliseconds of the lease's clock. */
  expiresAt: number;
}

/**
 * Receives a queue's messages, and keeps them invisible to other consumers by
 * extending their visibility timeout until the lease is released. If the process
 * dies, SQS makes the messages visible again after at most `seconds`.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 * @example
 * const lease = await VisibilityLease.open({ sqs, queueUrl });
 * for await (const messages of lease.messages()) await lease.delete(messages.filter(isDone));
 * await lease.release();
 */
export class VisibilityLease {
  private readonly leasedById = new Map<string, LeasedMessage>();
  private readonly stopExtending: () => void;
  /** The number of different messages received so far. */
  seen = 0;
  /** True if `messages` ended because the queue was empty. */
  complete = false;

  private constructor(
    private readonly queue: SqsQueue,
    /** The queue's counts before the first receive. */
    readonly counts: QueueCounts,
    /** Each message's visibility timeout in seconds. */
    readonly seconds: number,
    private readonly clock: Clock,
  ) {
    // `keep` and `delete` report messages whose extension failed.
    const extend = () => void this.extend(this.expiring()).catch(() => undefined);
    this.stopExtending = clock.every((seconds * 1_000) / 4, extend);
  }

  /** @param seconds - Each message's visibility timeout. @default - 30, plus 1 for every 200 messages in the queue */
  static async open(queue: SqsQueue, seconds?: number, clock = SYSTEM_CLOCK): Promise<VisibilityLease> {
    const counts = await queueCounts(queue);
    const enough = MIN_LEASE_SECONDS + Math.ceil(counts.visible / MESSAGES_PER_SECOND);
    return new VisibilityLease(queue, counts, seconds ?? enough, clock);
  }

  /**
   * Receives every message in the queue, in batches. Each message stays leased until
   * it is deleted or released. Ends when the queue is empty, when 100,000 messages
   * are leased, or when the signal aborts.
   */
  async *messages(signal?: AbortSignal): AsyncGenerator<DeadLetterMessage[], void, void> {
    for (let emptyPolls = 0; !signal?.aborted && this.leasedById.size < MAX_LEASED; ) {
      const expectsMore = this.seen < this.counts.visible;
      const polls = Array.from({ length: CONCURRENT_REQUESTS }, () => this.receive(expectsMore));
      const received = (await Promise.all(polls)).flat();
      if (received.length > 0) {
        emptyPolls = 0;
        yield received;
        continue;
      }
      emptyPolls += 1;
      if (!expectsMore || emptyPolls === EMPTY_POLLS) {
        this.complete = true;
        return;
      }
    }
  }

  /** Extends leases that have less than half of their time left. Returns the messages that are still leased. */
  async keep(messages: readonly DeadLetterMessage[]): Promise<DeadLetterMessage[]> {
    const expiring = new Set(this.expiring());
    await this.extend(messages.map(({ sqsMessageId }) => sqsMessageId).filter((id) => expiring.has(id)));
    return messages.filter(({ sqsMessageId }) => this.leasedById.has(sqsMessageId));
  }

  /** Deletes messages from the queue. Returns the number of messages that SQS did not delete. */
  async delete(messages: readonly DeadLetterMessage[]): Promise<number> {
    const { sqs, queueUrl: QueueUrl } = this.queue;
    const ids = messages.map(({ sqsMessageId }) => sqsMessageId);
    const deleted = await this.inBatches(ids, (Entries) => {
      return sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    });
    for (const id of deleted) this.leasedById.delete(id);
    return messages.length - deleted.length;
  }

  /** Makes every leased message visible again. Returns the number of messages for which this failed. */
  async release(): Promise<number> {
    this.stopExtending();
    const ids = [...this.leasedById.keys()];
    const released = await this.changeVisibility(ids, 0).catch(() => []);
    this.leasedById.clear();
    return ids.length - released.length;
  }

  /** Polls once. There is no signal, because nobody would release the messages that an aborted poll received. */
  private async receive(expectsMore: boolean): Promise<DeadLetterMessage[]> {
    const expiresAt = this.clock.now() + this.seconds * 1_000;
    const command = new ReceiveMessageCommand({
      QueueUrl: this.queue.queueUrl,
      MaxNumberOfMessages: BATCH_SIZE,
      VisibilityTimeout: this.seconds,
      WaitTimeSeconds: expectsMore ? POLL_SECONDS : 0,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    const { Messages } = await retryOnThrottle(() => this.queue.sqs.send(command)).catch((error: Error) => {
      // The queue has the maximum number of messages in flight.
      if (error.name === "OverLimit") return { Messages: [] };
      throw error;
    });
    return (Messages ?? []).map(deadLetterMessage).filter(({ sqsMessageId, message }) => {
      const isNew = !this.leasedById.has(sqsMessageId);
      this.leasedById.set(sqsMessageId, { receiptHandle: String(message.ReceiptHandle), expiresAt });
      if (isNew) this.seen += 1;
      return isNew;
    });
  }

  /** Returns the MessageIds of messages with less than half of their lease left. */
  private expiring(): string[] {
    const soon = this.clock.now() + this.seconds * 500;
    return [...this.leasedById].filter(([, { expiresAt }]) => expiresAt < soon).map(([id]) => id);
  }

  /** Extends leases. Forgets messages whose extension failed and whose lease ends within a second. */
  private async extend(ids: readonly string[]): Promise<void> {
    const expiresAt = this.clock.now() + this.seconds * 1_000;
    const extended = new Set(await this.changeVisibility(ids, this.seconds));
    for (const id of ids) {
      const leased = this.leasedById.get(id);
      if (leased && extended.has(id)) leased.expiresAt = expiresAt;
      else if (leased && leased.expiresAt < this.clock.now() + 1_000) this.leasedById.delete(id);
    }
  }

  private changeVisibility(ids: readonly string[], VisibilityTimeout: number): Promise<string[]> {
    const { sqs, queueUrl: QueueUrl } = this.queue;
    return this.inBatches(ids, (entries) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout }));
      return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    });
  }

  /** Sends one request per ten leased messages. Returns the MessageIds for which SQS reports success. */
  private async inBatches(
    ids: readonly string[],
    send: (entries: { Id: string; ReceiptHandle: string }[]) => Promise<DeleteMessageBatchResult>,
  ): Promise<string[]> {
    const leased = ids.flatMap((id) => {
      const message = this.leasedById.get(id);
      return message ? [{ id, ReceiptHandle: message.receiptHandle }] : [];
    });
    const starts = Array.from({ length: Math.ceil(leased.length / BATCH_SIZE) }, (_, index) => index * BATCH_SIZE);
    const sendFrom = async (start: number) => {
      const batch = leased.slice(start, start + BATCH_SIZE);
      const entries = batch.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      const { Successful = [] } = await retryOnThrottle(() => send(entries));
      return Successful.map(({ Id }) => String(batch[Number(Id)]?.id));
    };
    return (await pMap(starts, sendFrom, { concurrency: CONCURRENT_REQUESTS })).flat();
  }
}
