import { randomUUID } from "node:crypto";
import type { Clock } from "../clock";
import type { Host } from "../host";
import { md5 } from "../message-attributes";
import type { MessageAttributes } from "../observer";
import { AwsError } from "../protocols/aws-error";
import type { Table } from "../storage/storage";
import { DeliveryOrder } from "./delivery-order";
import { attributesOf, QueuedMessage, type ReceivedMessage, type StoredMessage, storedAttributes } from "./message";
import {
  type AttributeTexts,
  effectiveAttributes,
  invalidValue,
  type RedriveAllowPolicy,
  type RedrivePolicy,
} from "./queue-attributes";
import { Schedule } from "./schedule";
import { VisibleMessages } from "./visible-messages";

/** Maximum time from a receive to the end of its visibility timeout. */
const MAX_VISIBILITY_TIMEOUT_MS = 43_200_000;

/** A queue in the storage. */
export interface StoredQueue {
  readonly name: string;
  /** The attributes that were set. */
  attributes: AttributeTexts;
  tags: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** Seconds since 1970. */
  modifiedAt: number;
}

export interface NewMessage {
  readonly body: string;
  readonly attributes?: MessageAttributes | undefined;
  /** Value of the system attribute AWSTraceHeader. */
  readonly traceHeader?: string | undefined;
  /** @default - the queue's delay */
  readonly delaySeconds?: number | undefined;
  /** Tenant of the message, for fair queues. */
  readonly groupId?: string | undefined;
  /** Unique ID of the user or role that sent the message. */
  readonly senderId: string;
}

export interface ReceiveOptions {
  readonly max: number;
  /** Maximum time to wait for a message. @default 0 */
  readonly waitMs?: number;
  /** @default - the queue's visibility timeout */
  readonly visibilityTimeoutMs?: number | undefined;
  /** Aborts when nobody needs the messages any more. */
  readonly signal?: AbortSignal | undefined;
  /** Clock of the visibility timeout. @default - the host's clock */
  readonly leaseClock?: Clock;
}

/** A consumer that waits for messages. */
interface Receiver {
  readonly options: ReceiveOptions;
  readonly finish: (messages: ReceivedMessage[]) => void;
}

/** The parts that queues share. */
export interface QueueContext {
  readonly host: Host;
  readonly messages: Table<QueuedMessage>;
  readonly records: Table<StoredQueue>;
  readonly queueByArn: (arn: string) => Queue | undefined;
}

type MessageSchedule<Place extends "place" | "expiryPlace"> = Schedule<Place, QueuedMessage>;

/**
 * A standard queue. It stores a receive only when its visibility timeout ends. Therefore, messages that are in flight when
 * the process ends are visible after a restart, and their last receive does not count. Otherwise, a few restarts would
 * move messages to the dead-letter queue that no consumer rejected.
 */
export class Queue {
  readonly name: string;
  private readonly visible = new VisibleMessages();
  private readonly delayed: MessageSchedule<"place">;
  private readonly leases = new Map<Clock, MessageSchedule<"place">>();
  /** All messages, with the end of their retention. */
  private readonly all: MessageSchedule<"expiryPlace">;
  private readonly order: DeliveryOrder;
  private readonly receivers = new Set<Receiver>();
  private isServing = false;
  private isDeleted = false;
  private retentionMs = 0;
  private visibilityTimeoutMs = 0;
  private redrivePolicy: RedrivePolicy | undefined;
  private effective: AttributeTexts = {};

  constructor(
    private readonly context: QueueContext,
    readonly record: StoredQueue,
    readonly arn: string,
    readonly url: string,
  ) {
    const { clock, delivery } = context.host;
    this.name = record.name;
    this.order = new DeliveryOrder(delivery, record.name);
    const rank = (message: QueuedMessage) => message.rank;
    this.delayed = new Schedule("place", rank, clock, (message: QueuedMessage) => this.show(message));
    const expiry = ({ stored }: QueuedMessage) => stored.sentAt + this.retentionMs;
    this.all = new Schedule("expiryPlace", expiry, clock, (message: QueuedMessage) => this.forget(message));
    this.configure();
  }

  /** The effective attributes, by the names of SQS, without the ones that the queue's messages determine. */
  get attributes(): AttributeTexts {
    return this.effective;
  }

  get deadLetterTargetArn(): string | undefined {
    return this.redrivePolicy?.deadLetterTargetArn;
  }

  /** True while a consumer waits for messages. */
  get hasReceivers(): boolean {
    return this.receivers.size > 0;
  }

  /** Sets attributes that are already validated. */
  setAttributes(attributes: AttributeTexts): void {
    this.record.attributes = { ...this.record.attributes, ...attributes };
    this.record.modifiedAt = Math.floor(this.now() / 1_000);
    this.context.records.set(this.name, this.record);
    this.configure();
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    this.record.tags = tags;
    this.context.records.set(this.name, this.record);
  }

  /** Returns whether a queue may use this one as its dead-letter queue. */
  allowsRedriveFrom(arn: string): boolean {
    const { RedriveAllowPolicy: text } = this.effective;
    if (text === undefined) return true;
    const { redrivePermission, sourceQueueArns = [] } = JSON.parse(text) as RedriveAllowPolicy;
    return redrivePermission === "allowAll" || (redrivePermission === "byQueue" && sourceQueueArns.includes(arn));
  }

  /** Returns the numbers of visible, in-flight and delayed messages. */
  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    this.settle();
    const inFlight = [...this.leases.values()].reduce((sum, { size }) => sum + size, 0);
    return { visible: this.visible.size, inFlight, delayed: this.delayed.size };
  }

  /** Returns the age of the oldest message, in milliseconds; 0 if there is none. */
  oldestMs(): number {
    this.settle();
    const oldest = this.all.first();
    return oldest ? this.now() - oldest.stored.sentAt : 0;
  }

  /** Adds a message that is already validated. */
  send({ body, attributes = {}, traceHeader, delaySeconds, groupId, senderId }: NewMessage) {
    const sentAt = this.now();
    const id = randomUUID();
    const message = new QueuedMessage({
      id,
      queue: this.name,
      body,
      attributes: storedAttributes(attributes),
      senderId,
      sentAt,
      delayedUntil: sentAt + (delaySeconds ?? Number(this.effective.DelaySeconds)) * 1_000,
      groupId,
      traceHeader,
      receives: 0,
      formerReceives: 0,
    });
    this.insert(message);
    return { messageId: id };
  }

  /** Adds a message that is in the storage. */
  restore(message: QueuedMessage): void {
    this.all.add(message);
    if (message.stored.delayedUntil > this.now()) {
      message.rank = message.stored.delayedUntil;
      this.delayed.add(message);
    } else this.show(message);
  }

  /**
   * Receives messages, and waits if there are none. Messages that were received too often move to the dead-letter queue.
   *
   * @returns an empty list when the time is over, the signal aborts, or the queue is deleted.
   */
  async receive(options: ReceiveOptions): Promise<ReceivedMessage[]> {
    const { waitMs = 0, signal } = options;
    if (signal?.aborted || this.isDeleted) return [];
    const messages = this.take(options);
    if (messages.length > 0 || waitMs <= 0) return messages;
    return new Promise((resolve) => {
      const finish = (received: ReceivedMessage[]) => {
        cancel();
        signal?.removeEventListener("abort", leave);
        this.receivers.delete(receiver);
        resolve(received);
      };
      const leave = () => finish([]);
      const receiver: Receiver = { options, finish };
      const cancel = this.context.host.clock.after(waitMs, leave);
      signal?.addEventListener("abort", leave);
      this.receivers.add(receiver);
    });
  }

  /**
   * Deletes a message.
   *
   * @returns false if the message is already deleted, or was received again since.
   * @throws AwsError when the receipt handle is not one of this queue.
   */
  delete(receiptHandle: string): boolean {
    const message = this.lastReceived(receiptHandle);
    if (!message) return false;
    this.remove(message);
    this.deliverAgain(message);
    return true;
  }

  /**
   * Changes the visibility timeout of a message in flight, from now.
   *
   * @param clock - The clock of the timeout. @default - the clock of the receive, which a function's process works by
   * @returns false if the message is not in flight, or was received again since. True without effect for a duplicate of a
   *   deleted message.
   * @throws AwsError when the receipt handle is not one of this queue, or the timeout is too long.
   */
  changeVisibility(receiptHandle: string, ms: number, clock?: Clock): boolean {
    this.settle();
    const message = this.lastReceived(receiptHandle);
    if (!message) return isOfDuplicate(receiptHandle);
    if (message.state !== "in flight") return false;
    const leaseClock = clock ?? message.leaseClock ?? this.context.host.clock;
    const isSameClock = message.leaseClock === leaseClock;
    if (isSameClock && leaseClock.now() + ms - message.receivedAt > MAX_VISIBILITY_TIMEOUT_MS) {
      const limit = `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_TIMEOUT_MS / 1_000} seconds].`;
      throw invalidValue("VisibilityTimeout", ms / 1_000, limit);
    }
    this.leasesOf(message.leaseClock).remove(message);
    if (ms > 0) this.lease(message, ms, leaseClock);
    else this.release(message);
    return true;
  }

  /** Returns whether a receipt handle is of a message's last receive. */
  holds(receiptHandle: string): boolean {
    return this.lastReceived(receiptHandle) !== undefined;
  }

  /** Returns the next visible message, without receiving it. Duplicates before it are dropped. */
  peek(): QueuedMessage | undefined {
    this.settle();
    let message = this.visible.first();
    for (; message?.isDuplicate; message = this.visible.first()) this.visible.remove(message);
    return message;
  }

  /** Removes a message of this queue. */
  remove(message: QueuedMessage): void {
    this.all.remove(message);
    this.forget(message);
    const { id: messageId, body } = message.stored;
    this.context.host.observer.deleted?.({ queueName: this.name, messageId, body });
  }

  /** Deletes all messages, with their duplicates. */
  purge(): void {
    // From the end, where a heap removes items fastest.
    for (const message of this.all.all().reverse()) this.remove(message);
    this.peek();
  }

  /** Deletes the queue with its messages, and ends all receives. */
  deleteQueue(): void {
    this.purge();
    this.stop();
    this.context.records.delete(this.name);
  }

  /** Ends all receives and timers. */
  stop(): void {
    this.isDeleted = true;
    for (const { finish } of this.receivers) finish([]);
    for (const schedule of [this.delayed, this.all, ...this.leases.values()]) schedule.stop();
  }

  private now(): number {
    return this.context.host.clock.now();
  }

  private configure(): void {
    this.effective = effectiveAttributes(this.record.attributes);
    const { MessageRetentionPeriod, VisibilityTimeout, RedrivePolicy: redrive } = this.effective;
    this.retentionMs = Number(MessageRetentionPeriod) * 1_000;
    this.visibilityTimeoutMs = Number(VisibilityTimeout) * 1_000;
    this.redrivePolicy = redrive === undefined ? undefined : (JSON.parse(redrive) as RedrivePolicy);
  }

  /** Ends delays, visibility timeouts and retention that are over. */
  private settle(): void {
    this.all.settle();
    this.delayed.settle();
    for (const schedule of this.leases.values()) schedule.settle();
  }

  private insert(message: QueuedMessage): void {
    const { stored } = message;
    this.context.messages.set(stored.id, message);
    this.restore(message);
    const { host } = this.context;
    host.observer.enqueued?.({
      queueName: this.name,
      messageId: stored.id,
      body: stored.body,
      attributes: attributesOf(stored),
    });
  }

  private show(message: QueuedMessage): void {
    message.state = "visible";
    message.rank = this.order.next();
    this.visible.add(message);
    if (this.isServing || this.receivers.size === 0) return;
    this.isServing = true;
    // After this turn, so that a consumer gets all messages of a batch at once.
    queueMicrotask(() => {
      this.isServing = false;
      this.serve();
    });
  }

  private serve(): void {
    for (const { options, finish } of this.receivers) {
      const messages = this.take(options);
      if (messages.length === 0) return;
      finish(messages);
    }
  }

  private take({ max, visibilityTimeoutMs: ms = this.visibilityTimeoutMs, ...options }: ReceiveOptions) {
    const { leaseClock = this.context.host.clock } = options;
    this.settle();
    const taken = new Map<string, QueuedMessage>();
    for (let message = this.visible.first(); message && taken.size < max; message = this.visible.first()) {
      this.visible.remove(message);
      // A response contains no message twice.
      if (message.isDuplicate && taken.has(message.stored.id)) continue;
      if (!message.isDuplicate) {
        if (this.deadLetter(message)) continue;
        this.visible.lease(message);
        this.countReceive(message, leaseClock);
      }
      taken.set(message.stored.id, message);
    }
    const messages = [...taken.values()];
    const received = messages.map((message) => this.describe(message));
    for (const message of messages) {
      if (message.isDuplicate) continue;
      if (ms > 0) this.lease(message, ms, leaseClock);
      else this.release(message);
      this.deliverAgain(message);
    }
    return received;
  }

  private countReceive(message: QueuedMessage, leaseClock: Clock): void {
    message.stored.receives++;
    message.stored.firstReceivedAt ??= this.now();
    message.receivedAt = leaseClock.now();
    message.receipt = randomUUID();
    message.state = "in flight";
  }

  private lease(message: QueuedMessage, ms: number, clock: Clock): void {
    message.leaseClock = clock;
    message.rank = clock.now() + ms;
    this.leasesOf(clock).add(message);
  }

  private leasesOf(clock: Clock = this.context.host.clock): MessageSchedule<"place"> {
    let leases = this.leases.get(clock);
    if (!leases) {
      leases = new Schedule(
        "place",
        ({ rank }: QueuedMessage) => rank,
        clock,
        (message) => this.release(message),
      );
      this.leases.set(clock, leases);
    }
    return leases;
  }

  /** Makes a message visible whose visibility timeout ended. */
  private release(message: QueuedMessage): void {
    this.visible.release(message);
    this.context.messages.set(message.stored.id, message);
    this.show(message);
  }

  /** Moves a message to the dead-letter queue if it was received too often. Returns whether it moved. */
  private deadLetter(message: QueuedMessage): boolean {
    const { stored } = message;
    // The dead-letter queue counts from the start. Therefore, queues that are each other's do not pass a message to and fro forever.
    const receives = stored.receives - stored.formerReceives;
    if (!this.redrivePolicy || receives < this.redrivePolicy.maxReceiveCount) return false;
    const target = this.context.queueByArn(this.redrivePolicy.deadLetterTargetArn);
    if (!target) return false; // As on AWS, messages stay if the dead-letter queue was deleted.
    this.all.remove(message);
    const moved: StoredMessage = { ...stored, queue: target.name, formerReceives: stored.receives };
    moved.deadLetterSourceArn = this.arn;
    target.insert(new QueuedMessage(moved));
    return true;
  }

  /** Delivers some messages once more, even if they are deleted. */
  private deliverAgain(message: QueuedMessage): void {
    if (message.hasDuplicate || !this.order.isDuplicated()) return;
    message.hasDuplicate = true;
    this.show(new QueuedMessage({ ...message.stored }, true));
  }

  /** Removes a message that is not among all messages any more. */
  private forget(message: QueuedMessage): void {
    if (message.state === "visible") this.visible.remove(message);
    else if (message.state === "delayed") this.delayed.remove(message);
    else {
      this.leasesOf(message.leaseClock).remove(message);
      this.visible.release(message);
    }
    this.context.messages.delete(message.stored.id);
  }

  private describe(message: QueuedMessage): ReceivedMessage {
    const { stored } = message;
    return {
      messageId: stored.id,
      receiptHandle: Buffer.from([this.name, stored.id, ...this.receiptOf(message)].join(" ")).toString("base64"),
      body: stored.body,
      md5OfBody: md5(stored.body),
      attributes: attributesOf(stored),
      senderId: stored.senderId,
      receiveCount: stored.receives,
      sentTimestamp: stored.sentAt,
      firstReceiveTimestamp: stored.firstReceivedAt ?? this.now(),
      groupId: stored.groupId,
      traceHeader: stored.traceHeader,
      deadLetterSourceArn: stored.deadLetterSourceArn,
    };
  }

  /** A duplicate's receipt handle is as good as the one of the message's last receive, because consumers use the newest. */
  private receiptOf({ stored, receipt, isDuplicate }: QueuedMessage): (string | undefined)[] {
    return isDuplicate ? [this.context.messages.get(stored.id)?.receipt, randomUUID()] : [receipt];
  }

  /** Returns the message of a receipt handle; undefined if it is deleted, or was received again since. */
  private lastReceived(receiptHandle: string): QueuedMessage | undefined {
    const [name, id = "", receipt] = partsOf(receiptHandle);
    if (name !== this.name || receipt === undefined) {
      const message = `The input receipt handle "${receiptHandle.slice(0, 100)}" is not a valid receipt handle.`;
      throw new AwsError("ReceiptHandleIsInvalid", message);
    }
    const message = this.context.messages.get(id);
    return message?.stored.queue === this.name && message.receipt === receipt ? message : undefined;
  }
}

/** Returns the queue's name, the message ID and the receipt in a receipt handle; for a duplicate, a fourth part too. */
function partsOf(receiptHandle: string): string[] {
  return Buffer.from(receiptHandle, "base64").toString().split(" ");
}

function isOfDuplicate(receiptHandle: string): boolean {
  return partsOf(receiptHandle).length === 4;
}
