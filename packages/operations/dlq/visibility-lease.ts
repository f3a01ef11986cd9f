import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type DeleteMessageBatchResult,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import type { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import pMap from "p-map";
import { concernsEveryRequest, isThrottled, toOperationError } from "../aws-errors";
import { type Clock, SYSTEM_CLOCK } from "../clock";
import type { OperationError } from "../errors";
import { retryOnThrottle } from "../retry";
import { type QueueCounts, queueCounts, type SqsQueue, totalOf } from "../sqs/queue-counts";
import { type DeadLetterMessage, deadLetterMessage, NO_CODE } from "./dead-letter-message";

const BATCH_SIZE = 10;
const CONCURRENT_REQUESTS = 4;
/** The default lease: this many seconds, plus one second for every 200 messages in the queue. */
const MIN_LEASE_SECONDS = 30;
const MESSAGES_PER_SECOND = 200;
/** SQS allows 120,000 messages in flight per queue. The other 20,000 are left to other consumers. */
const MAX_LEASED = 100_000;
/** The number of empty polls after which a visible message counts as one that cannot be received. */
const EMPTY_POLLS = 3;
const POLL_SECONDS = 1;
/** The time that the counts get to follow the receives and deletions, if they alone speak against a complete result. */
const SETTLE_MS = 30_000;

interface LeasedMessage {
  /** The handle of the receive with this number. SQS takes only the newest. */
  receiptHandle: string;
  receiveCount: number;
  /** The time at which SQS makes the message visible again, in milliseconds of the lease's clock. */
  expiresAt: number;
}

export interface ReceiveOptions {
  readonly signal?: AbortSignal | undefined;
  /** The milliseconds to wait for messages that another consumer holds or that are delayed. @default 0 */
  readonly waitMs?: number | undefined;
  /** The mapping that finds the type and ID of each event. @default - in its members `type` and `id` */
  readonly mapping?: Mapping | undefined;
}

/** The messages that a lease has received, and those that it has not. */
export interface LeaseReport {
  /** The number of different messages received. */
  readonly seen: number;
  /**
   * About how many other messages the queue has, from the counts of SQS before and after the receives. Another consumer
   * holds them, they are delayed, or a response with them was lost.
   */
  readonly notSeen: number;
  /** The refusal codes of the received messages, with `none` for messages without one. */
  readonly codes: ReadonlySet<string>;
  /** True if the queue was received to its end, and SQS counts no other messages. */
  readonly complete: boolean;
  /** True if the queue has more messages than one lease can receive. */
  readonly isFull: boolean;
  /** The queue's counts before the first receive. */
  readonly counts: QueueCounts;
  /** Messages whose release SQS did not confirm. They may stay invisible until `leasedUntil`. */
  readonly stillLeased: number;
  /** The latest time at which SQS makes the messages visible that are still leased, or whose response was lost. */
  readonly leasedUntil: Date;
  /** Each message's visibility timeout in seconds. */
  readonly leaseSeconds: number;
  /** The error that ended the receives early. */
  readonly stoppedBy?: OperationError;
  /** The first error of a request to release messages. */
  readonly releaseError?: OperationError;
}

/**
 * Receives a queue's messages, and keeps them invisible to other consumers by
 * extending their visibility timeout until the lease is released. If the process
 * dies, SQS makes the messages visible again after at most `seconds`.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 * @example
 * const lease = await VisibilityLease.open(queue);
 * for await (const messages of lease.messages()) await lease.delete(messages.filter(isDone));
 * await lease.release();
 * const { complete, stoppedBy } = lease.report();
 */
export class VisibilityLease {
  private readonly leasedById = new Map<string, LeasedMessage>();
  private readonly seenIds = new Set<string>();
  private readonly codes = new Set<string>();
  private readonly stopExtending: () => void;
  /** True if `messages` ended because no other message could be received. */
  private hasEnded = false;
  private isFull = false;
  /** The messages that SQS counted at the end, except the leased ones. */
  private notLeased = 0;
  private stillLeased = 0;
  private mapping: Mapping | undefined;
  private releaseError: OperationError | undefined;
  /** The first error. After it, `messages` ends. */
  stoppedBy: OperationError | undefined;

  private constructor(
    private readonly queue: SqsQueue,
    private readonly counts: QueueCounts,
    private readonly seconds: number,
    private readonly clock: Clock,
  ) {
    // `keep` and `delete` report messages whose extension failed.
    this.stopExtending = clock.every((seconds * 1_000) / 4, () => void this.extend(this.expiring()));
  }

  /** @param seconds - Each message's visibility timeout. @default - 30, plus 1 for every 200 messages in the queue */
  static async open(
    queue: SqsQueue,
    seconds?: number,
    clock = SYSTEM_CLOCK,
    signal?: AbortSignal,
  ): Promise<VisibilityLease> {
    const counts = await queueCounts(queue, signal);
    const enough = MIN_LEASE_SECONDS + Math.ceil(counts.visible / MESSAGES_PER_SECOND);
    return new VisibilityLease(queue, counts, seconds ?? enough, clock);
  }

  /** The number of different messages received so far. */
  get seen(): number {
    return this.seenIds.size;
  }

  /**
   * Receives every message in the queue, in batches. Each message stays leased until it is deleted or released. If a
   * message's lease ends early, the message may be received again. Ends when SQS counts no other messages, when these
   * stay out of reach for `waitMs`, when 100,000 messages are leased, after an error, or when the signal aborts.
   */
  async *messages({
    signal,
    waitMs = 0,
    mapping,
  }: ReceiveOptions = {}): AsyncGenerator<DeadLetterMessage[], void, void> {
    this.mapping = mapping;
    let emptyPolls = 0;
    let expected = this.counts.visible;
    let waitsSince: number | undefined;
    while (!signal?.aborted && !this.stoppedBy) {
      this.isFull = this.leasedById.size >= MAX_LEASED;
      if (this.isFull) return;
      const received = await this.poll(this.seen < expected);
      if (received.length > 0) {
        emptyPolls = 0;
        yield received;
        continue;
      }
      emptyPolls += 1;
      const counts = await queueCounts(this.queue).catch((error) => this.stop(error));
      if (!counts) return;
      this.notLeased = Math.max(0, totalOf(counts) - this.leasedById.size);
      expected = this.seen + counts.visible;
      if (counts.visible > 0 && emptyPolls < EMPTY_POLLS) continue;
      waitsSince ??= this.clock.now();
      const maxWaitMs = this.seen < totalOf(this.counts) ? waitMs : Math.max(waitMs, SETTLE_MS);
      if (this.notLeased === 0 || this.clock.now() - waitsSince >= maxWaitMs) {
        this.hasEnded = true;
        return;
      }
      await this.clock.pause(POLL_SECONDS * 1_000, signal);
    }
  }

  /** Extends leases that have less than half of their time left. Returns the messages that are still leased. */
  async keep(messages: readonly DeadLetterMessage[]): Promise<DeadLetterMessage[]> {
    const expiring = new Set(this.expiring());
    await this.extend(messages.map(({ sqsMessageId }) => sqsMessageId).filter((id) => expiring.has(id)));
    return messages.filter(({ sqsMessageId }) => this.leasedById.has(sqsMessageId));
  }

  /** Deletes messages from the queue. Returns the messages whose deletion SQS confirmed. An error ends `messages`. */
  async delete(messages: readonly DeadLetterMessage[]): Promise<DeadLetterMessage[]> {
    const { sqs, queueUrl: QueueUrl } = this.queue;
    const ids = messages.map(({ sqsMessageId }) => sqsMessageId);
    const { done, error } = await this.inBatches(ids, (Entries) => {
      return sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    });
    if (error) this.stop(error);
    for (const id of done) this.leasedById.delete(id);
    return messages.filter(({ sqsMessageId }) => done.has(sqsMessageId));
  }

  /** Makes every leased message visible again. `report` counts the messages for which this failed. */
  async release(): Promise<void> {
    this.stopExtending();
    const { done, error } = await this.changeVisibility([...this.leasedById.keys()], 0);
    if (error) this.releaseError = toOperationError(error, this.queue.target);
    this.stillLeased = this.leasedById.size - done.size;
    this.leasedById.clear();
  }

  /** Ends `messages` because of an error from AWS. Keeps the first error. */
  stop(error: unknown): void {
    this.stoppedBy ??= toOperationError(error, this.queue.target);
  }

  /** @param returned - Received messages that were not in the queue when the lease was opened. @default 0 */
  report(returned = 0): LeaseReport {
    const { isFull, counts, codes, seconds: leaseSeconds, stillLeased, stoppedBy, releaseError } = this;
    const seen = this.seen - returned;
    const notSeen = Math.max(0, totalOf(counts) - seen, this.notLeased);
    return {
      seen,
      notSeen,
      codes,
      complete: this.hasEnded && notSeen === 0,
      isFull,
      counts,
      stillLeased,
      leasedUntil: new Date(Date.now() + leaseSeconds * 1_000),
      leaseSeconds,
      ...(stoppedBy && { stoppedBy }),
      ...(releaseError && { releaseError }),
    };
  }

  /** Polls with concurrent requests. Returns the messages that are new to the lease, even if some requests failed. */
  private async poll(expectsMore: boolean): Promise<DeadLetterMessage[]> {
    const requests = Array.from({ length: CONCURRENT_REQUESTS }, async () => {
      try {
        return await this.receive(expectsMore);
      } catch (error) {
        this.stop(error);
        return [];
      }
    });
    return (await Promise.all(requests)).flat();
  }

  /** Receives once. There is no signal, because nobody would release the messages of an aborted request. */
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
    return (Messages ?? [])
      .map((message) => deadLetterMessage(message, this.mapping))
      .filter(({ sqsMessageId, receiveCount, message, code }) => {
        const known = this.leasedById.get(sqsMessageId);
        // SQS may deliver a message twice, and the response with the newer handle may arrive first.
        if (!known || known.receiveCount <= receiveCount) {
          this.leasedById.set(sqsMessageId, { receiptHandle: String(message.ReceiptHandle), receiveCount, expiresAt });
        }
        this.seenIds.add(sqsMessageId);
        this.codes.add(code ?? NO_CODE);
        return !known;
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
    const { done } = await this.changeVisibility(ids, this.seconds);
    for (const id of ids) {
      const leased = this.leasedById.get(id);
      if (leased && done.has(id)) leased.expiresAt = expiresAt;
      else if (leased && leased.expiresAt < this.clock.now() + 1_000) this.leasedById.delete(id);
    }
  }

  private changeVisibility(ids: readonly string[], VisibilityTimeout: number): Promise<BatchOutcome> {
    const { sqs, queueUrl: QueueUrl } = this.queue;
    return this.inBatches(ids, (entries) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout }));
      return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    });
  }

  /** Sends one request per ten leased messages, until an error concerns the other requests too. */
  private async inBatches(
    ids: readonly string[],
    send: (entries: { Id: string; ReceiptHandle: string }[]) => Promise<DeleteMessageBatchResult>,
  ): Promise<BatchOutcome> {
    const leased = ids.flatMap((id) => {
      const message = this.leasedById.get(id);
      return message ? [{ id, ReceiptHandle: message.receiptHandle }] : [];
    });
    const starts = Array.from({ length: Math.ceil(leased.length / BATCH_SIZE) }, (_, index) => index * BATCH_SIZE);
    const done = new Set<string>();
    let error: unknown;
    const sendFrom = async (start: number) => {
      if (concernsEveryRequest(error) || isThrottled(error)) return;
      const batch = leased.slice(start, start + BATCH_SIZE);
      const entries = batch.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      try {
        const { Successful = [] } = await retryOnThrottle(() => send(entries));
        for (const { Id } of Successful) done.add(String(batch[Number(Id)]?.id));
      } catch (cause) {
        error ??= cause;
      }
    };
    await pMap(starts, sendFrom, { concurrency: CONCURRENT_REQUESTS });
    return { done, error };
  }
}

interface BatchOutcome {
  /** The MessageIds for which SQS reports success. */
  readonly done: ReadonlySet<string>;
  /** The first error of a request. */
  readonly error?: unknown;
}
