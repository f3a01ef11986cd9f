import type { PublishBatchResponse } from "@aws-sdk/client-sns";
import type { SendMessageBatchResult } from "@aws-sdk/client-sqs";
import { backoffMs, type SendBatchResponse } from "@event-pipeline/event-model/batching";
import { isPassing, isThrottled } from "./aws-errors";
import { type Clock, pause, SYSTEM_CLOCK } from "./clock";

/** Retries after the first request. Each request includes the SDK's own retries. */
const MAX_THROTTLE_RETRIES = 10;

/**
 * Retries a request while AWS throttles it, for about ten seconds.
 *
 * @throws the request's error: throttling only after the last retry, any other error at once.
 * @example
 * const { Attributes } = await retryOnThrottle(() => sqs.send(command));
 */
export async function retryOnThrottle<T>(request: () => Promise<T>): Promise<T> {
  const waitToRetry = retryUpTo(MAX_THROTTLE_RETRIES);
  for (let retry = 0; ; retry += 1) {
    try {
      return await request();
    } catch (error) {
      if (!isThrottled(error) || !(await waitToRetry(retry))) throw error;
    }
  }
}

/** Milliseconds after which a request with a passing error is not retried. Each request may take minutes. */
const MAX_RETRY_MS = 30_000;

/**
 * Retries a request while it fails with a passing error: throttling, an internal error, or a lost or cut response.
 *
 * @throws the request's error: a passing one only after the last retry, any other error at once.
 * @example
 * const bytes = await retryOnPassingError(() => readPart(0));
 */
export async function retryOnPassingError<T>(
  request: () => Promise<T>,
  {
    clock = SYSTEM_CLOCK,
    signal,
  }: { readonly clock?: Clock | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const startedAt = clock.now();
  for (let retry = 0; ; retry += 1) {
    try {
      return await request();
    } catch (error) {
      const isTimeUp = retry === MAX_THROTTLE_RETRIES || clock.now() - startedAt > MAX_RETRY_MS;
      if (!isPassing(error) || isTimeUp || signal?.aborted) throw error;
      await clock.pause(backoffMs(retry), signal);
    }
  }
}

/** Returns a function that waits before a retry, given the retry's number from 0. It returns false when none is left. */
export function retryUpTo(maxRetries: number): (retry: number) => Promise<boolean> {
  return async (retry) => {
    if (retry === maxRetries) return false;
    await pause(backoffMs(retry));
    return true;
  };
}

const NO_RESULT = {
  Code: "NoAnswer",
  Message: "The response from AWS does not contain this message.",
  SenderFault: false,
};

/**
 * Reads the response to a batch request in which the `Id` of each entry is its index. The name of each error is the code from AWS.
 *
 * @param idByMessage - The map to which the MessageId of each accepted message is added.
 */
export function readBatchResponse<T>(
  batch: readonly T[],
  { Successful = [], Failed = [] }: PublishBatchResponse | SendMessageBatchResult,
  idByMessage: Map<T, string>,
): SendBatchResponse<T> {
  for (const { Id, MessageId } of Successful) if (MessageId) idByMessage.set(batch[Number(Id)] as T, MessageId);
  const refused = new Map<T, Error>();
  const unsent = new Map<T, Error>();
  for (const [index, message] of batch.entries()) {
    if (idByMessage.has(message)) continue;
    const failed = Failed.find(({ Id }) => Id === String(index)) ?? NO_RESULT;
    const error = Object.assign(new Error(failed.Message ?? ""), { name: failed.Code ?? "Unknown" });
    (failed.SenderFault ? refused : unsent).set(message, error);
  }
  return { refused, unsent };
}
