import { setTimeout as sleep } from "node:timers/promises";
import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import { Batcher, sendInBatches } from "@event-pipeline/event-model/batching";
import { pMapIterable } from "p-map";
import { concernsEveryRequest, FAILED_REQUEST, isThrottled, toOperationError } from "../aws-errors";
import { RateLimiter } from "../clock";
import { NotDeployedError, type OperationError } from "../errors";
import type { Pipeline } from "../pipeline";
import { readBatchResponse, retryUpTo } from "../retry";
import { bytesOf, type EventMessage, MAX_BYTES, type StringAttributes } from "./event-message";

const CONCURRENT_REQUESTS = 8;
const MAX_RETRIES = 5;
const MAX_ENTRIES = 10;
/** Milliseconds to wait for a full batch, so that `tail -f | publish -` publishes each line soon. */
const LINGER_MS = 50;
/** The maximum number of batches per second below 100 messages per second. Smaller batches spread messages evenly. */
const BATCHES_PER_SECOND = 10;

export interface PublishResult {
  readonly line: number;
  /** The MessageId from SNS; absent if the message was not published. */
  readonly messageId?: string;
  readonly error?: {
    readonly code: string;
    readonly reason: string;
    /** True if the error concerns every message, so that no more messages are published. */
    readonly isFatal?: boolean;
    /** True if SNS may have published the message, because its response is an internal error or was lost. */
    readonly isUncertain?: boolean;
  };
}

export interface PublishOptions {
  readonly attributes?: StringAttributes;
  /** The MessageGroupId, which is the messages' tenant in a fair queue. @default - none */
  readonly groupId?: string | undefined;
  /** The maximum number of messages per second. @default - no limit */
  readonly rate?: number | undefined;
  /** Stops publishing when it aborts, after the requests that have started. */
  readonly signal: AbortSignal;
}

/**
 * Publishes messages in batches, and yields the result of each message in order. If
 * the response from SNS is lost, a message may be published although its result is
 * an error.
 *
 * @param groups - Messages within the limit of SNS, in groups of any size. Messages with a `refusal` are not sent.
 * @throws OperationError when an error concerns every message, such as expired credentials, or when the input fails. Results are yielded first.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 * @example
 * for await (const { messageId } of publish(pipeline, repeated('{"type":"a"}', 3), { signal })) ids.push(messageId);
 */
export async function* publish(
  pipeline: Pipeline,
  groups: AsyncIterable<readonly EventMessage[]>,
  options: PublishOptions,
): AsyncGenerator<PublishResult, void, void> {
  const { attributes = {}, groupId } = options;
  const TopicArn = await pipeline.topicArn();
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  );
  const sendBatch = async (batch: readonly EventMessage[]): Promise<PublishResult[]> => {
    const idByMessage = new Map<EventMessage, string>();
    const sendable = batch.filter(({ refusal }) => refusal === undefined);
    const { refused, unsent } = await sendInBatches(sendable, {
      // The batch is already within the limits of SNS.
      limits: { maxCount: MAX_ENTRIES, maxBytes: Number.POSITIVE_INFINITY },
      bytesOf: () => 0,
      isRefusal,
      isRetryable: (error) => !concernsEveryRequest(error),
      isSequential: true,
      waitToRetry: retryUpTo(MAX_RETRIES),
      send: async (messages) => {
        const PublishBatchRequestEntries = messages.map(({ message: Message }, index) => ({
          Id: String(index),
          Message,
          MessageAttributes,
          ...(groupId !== undefined && { MessageGroupId: groupId }),
        }));
        const command = new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries });
        return readBatchResponse(messages, await pipeline.client(SNSClient).send(command), idByMessage);
      },
    });
    return batch.map((message): PublishResult => {
      const { line } = message;
      const messageId = idByMessage.get(message);
      if (messageId !== undefined) return { line, messageId };
      const unsentError = unsent.get(message)?.error;
      if (!unsentError) return refusedResult(message, refused.get(message));
      return { line, error: { ...errorOf(unsentError, pipeline), isUncertain: !isThrottled(unsentError) } };
    });
  };
  const fatal = new AbortController();
  let fatalError: OperationError | undefined;
  const tryToSend = async (batch: readonly EventMessage[]): Promise<PublishResult[]> => {
    try {
      return await sendBatch(batch);
    } catch (cause) {
      const known = toOperationError(cause, pipeline.description);
      fatalError ??= known;
      fatal.abort();
      const isUncertain = known.kind === "failed" && !(known instanceof NotDeployedError);
      const error = { code: known.name, reason: known.message, isFatal: true, isUncertain };
      return batch.map((message) =>
        message.refusal === undefined ? { line: message.line, error } : refusedResult(message),
      );
    }
  };
  const signal = AbortSignal.any([options.signal, fatal.signal]);
  const batches = batchMessages(groups, { ...options, signal });
  for await (const results of pMapIterable(batches, tryToSend, { concurrency: CONCURRENT_REQUESTS })) yield* results;
  if (fatalError) throw fatalError;
}

/** @param error - The error from SNS; undefined if the message was not sent. */
function refusedResult({ line, refusal }: EventMessage, error?: Error): PublishResult {
  const { name: code, message: reason } = error ?? { name: "Refused", message: String(refusal) };
  return { line, error: { code, reason } };
}

/** Returns the code and a sentence. The error of a whole request names the request; the error of one message has SNS's reason. */
function errorOf(error: unknown, { description }: Pipeline): { readonly code: string; readonly reason: string } {
  const { name: code, message } = error as Error;
  return { code, reason: FAILED_REQUEST in Object(error) ? toOperationError(error, description).message : message };
}

/**
 * Combines messages into batches at the given rate. When the signal aborts, the incomplete batch is dropped.
 *
 * @throws the source's error, after the messages before it.
 */
async function* batchMessages(
  groups: AsyncIterable<readonly EventMessage[]>,
  { attributes = {}, rate, signal }: PublishOptions,
): AsyncGenerator<EventMessage[], void, void> {
  const maxCount = rate === undefined ? MAX_ENTRIES : Math.min(MAX_ENTRIES, Math.ceil(rate / BATCHES_PER_SECOND));
  const batcher = new Batcher<EventMessage>(({ message }) => bytesOf(message, attributes), {
    maxCount,
    maxBytes: MAX_BYTES,
  });
  const limiter = new RateLimiter(rate);
  for await (const group of withPauses(groups, LINGER_MS, signal)) {
    if (group instanceof SourceError) {
      yield batcher.flush();
      throw group.cause;
    }
    const batches = group === "pause" ? [batcher.flush()] : group.map((message) => batcher.add(message) ?? []);
    for (const batch of batches) {
      if (batch.length === 0) continue;
      await limiter.wait(batch.length, signal);
      if (signal.aborted) return;
      yield batch;
    }
  }
}

/** An error of a source of messages, as a value. So the messages before it can still be published. */
class SourceError {
  constructor(readonly cause: unknown) {}
}

/**
 * Yields the source's elements, and "pause" after each `ms` without an element and at the end. Ends when the
 * signal aborts, or after an error.
 */
async function* withPauses<T>(
  source: AsyncIterable<T>,
  ms: number,
  signal: AbortSignal,
): AsyncGenerator<T | "pause" | SourceError, void, void> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const next = iterator.next().catch((error: unknown) => new SourceError(error));
    while ((await withinMs(next, ms)) === "pause") {
      if (signal.aborted) return;
      yield "pause";
    }
    const result = await next;
    if (result instanceof SourceError) {
      yield result;
      return;
    }
    yield result.done ? "pause" : result.value;
    if (result.done) return;
  }
}

async function withinMs<T>(promise: Promise<T>, ms: number): Promise<T | "pause"> {
  const timer = new AbortController();
  const paused = sleep(ms, "pause" as const, { signal: timer.signal }).catch(() => "pause" as const);
  try {
    return await Promise.race([promise, paused]);
  } finally {
    timer.abort();
  }
}

/** Returns whether SNS rejected the request itself, so that a retry would fail too. */
function isRefusal(error: unknown): error is Error {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500 && !isThrottled(error) && !concernsEveryRequest(error);
}
