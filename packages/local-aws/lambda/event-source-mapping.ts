import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { MACHINE_CLOCK } from "../clock";
import type { Host } from "../host";
import { type ReceivedMessage, systemAttributes } from "../sqs/message";
import type { Queue } from "../sqs/queue";
import type { Sqs } from "../sqs/sqs";
import { FailureReasons, failedIdentifiers } from "./batch-item-failures";
import type { LambdaFunction } from "./function";

/** Number of concurrent batches. Lambda starts with five; two keep this process and the handler's process busy. */
const CONCURRENT_BATCHES = 2;

/** Maximum number of messages that SQS returns at once. */
const MAX_RECEIVED = 10;

/** Milliseconds of one long poll, and of the pause if the queue does not exist. */
const POLL_MS = 20_000;
const NO_QUEUE_MS = 1_000;

/** Maximum size of the messages in one invocation: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const MAX_BATCH_BYTES = 6 * 1024 * 1024;

export interface EventSourceMappingOptions {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  /** Seconds that a batch waits for more messages. */
  readonly windowSeconds: number;
  readonly reportBatchItemFailures: boolean;
  readonly maximumConcurrency?: number | undefined;
  /** Seconds until a failed message is received again. @default - the rest of its visibility timeout */
  readonly retryDelaySeconds?: number | undefined;
}

/** Polls a queue and invokes a function with batches. */
export class EventSourceMapping {
  readonly uuid = randomUUID();
  readonly lastModified: Date;
  private readonly running: Promise<unknown>;
  private readonly stopping = new AbortController();

  constructor(
    private readonly host: Host,
    readonly options: EventSourceMappingOptions,
    private readonly sqs: Sqs,
    readonly fn: LambdaFunction,
  ) {
    const { maximumConcurrency = CONCURRENT_BATCHES } = options;
    this.lastModified = new Date(host.clock.now());
    const pollers = Math.min(CONCURRENT_BATCHES, maximumConcurrency);
    this.running = Promise.all(Array.from({ length: pollers }, () => this.poll()));
  }

  /** Stops polling and waits for the current invocations. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async poll(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const queue = this.sqs.queueByArn(this.options.queueArn);
      if (!queue) {
        await sleep(NO_QUEUE_MS, undefined, { signal, ref: false }).catch(() => undefined);
        continue;
      }
      const start = performance.now();
      const messages = await this.receiveBatch(queue);
      for (const batch of invocations(messages)) await this.process(queue, batch, start);
    }
  }

  /**
   * Receives one batch. ReceiveMessage returns at most 10 messages; larger batches fill up during the batching window.
   * The messages are leased by the machine's clock, because the function works by it.
   */
  private async receiveBatch(queue: Queue): Promise<ReceivedMessage[]> {
    const { clock } = this.host;
    const { batchSize, windowSeconds } = this.options;
    const { signal } = this.stopping;
    const receive = (max: number, waitMs: number) =>
      queue.receive({ max: Math.min(max, MAX_RECEIVED), waitMs, signal, leaseClock: MACHINE_CLOCK });
    const messages = await receive(batchSize, POLL_MS);
    const deadline = clock.now() + windowSeconds * 1_000;
    while (messages.length > 0 && messages.length < batchSize && !signal.aborted) {
      const more = await receive(batchSize - messages.length, Math.max(0, deadline - clock.now()));
      if (more.length === 0) break;
      messages.push(...more);
    }
    return messages;
  }

  /** @param receivedAt - When the first message was received, at the earliest, as `performance.now()`. */
  private async process(queue: Queue, messages: readonly ReceivedMessage[], receivedAt: number): Promise<void> {
    const { clock, observer } = this.host;
    const start = performance.now();
    const failed = await this.invoke(queue, messages);
    const end = performance.now();
    for (const { messageId, receiptHandle, body, receiveCount } of messages) {
      const error = failed.get(messageId);
      if (error === undefined) queue.delete(receiptHandle);
      else queue.changeVisibility(receiptHandle, this.retryDelayMs(queue, end - receivedAt), clock);
      observer.attempted?.({
        functionName: this.fn.name,
        body,
        receiveCount,
        durationMs: end - start,
        ...(error !== undefined && { error }),
      });
    }
  }

  /** Returns how long a failed message stays invisible: from now on, by the host's clock. */
  private retryDelayMs({ attributes }: Queue, elapsedMs: number): number {
    const { retryDelaySeconds } = this.options;
    if (retryDelaySeconds !== undefined) return retryDelaySeconds * 1_000;
    return Math.max(0, Number(attributes.VisibilityTimeout) * 1_000 - elapsedMs);
  }

  /** Invokes the function. Returns the reason of each failed message by message ID. */
  private async invoke(queue: Queue, messages: readonly ReceivedMessage[]): Promise<Map<string, string>> {
    const ids = messages.map(({ messageId }) => messageId);
    try {
      const reasons = new FailureReasons();
      const Records = messages.map((message) => this.recordOf(queue, message));
      const response = await this.fn.invoke({ Records }, (line) => reasons.read(line));
      if (!this.options.reportBatchItemFailures) return new Map();
      return new Map(failedIdentifiers(response, ids).map((id) => [id, reasons.of(id)]));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return new Map(ids.map((id) => [id, reason]));
    }
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
  private recordOf(queue: Queue, message: ReceivedMessage): object {
    return {
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: Object.fromEntries(
        Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
          name,
          {
            dataType: DataType,
            stringValue: StringValue,
            binaryValue: BinaryValue && Buffer.from(BinaryValue).toString("base64"),
            stringListValues: [],
            binaryListValues: [],
          },
        ]),
      ),
      md5OfBody: message.md5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: queue.arn,
      awsRegion: this.host.region,
    };
  }
}

/** Splits messages into invocations within Lambda's payload limit. */
function invocations(messages: readonly ReceivedMessage[]): ReceivedMessage[][] {
  const batches: ReceivedMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    bytes += Buffer.byteLength(message.body);
    if (bytes > MAX_BATCH_BYTES) {
      batches.push([]);
      bytes = Buffer.byteLength(message.body);
    }
    batches.at(-1)?.push(message);
  }
  return batches;
}
