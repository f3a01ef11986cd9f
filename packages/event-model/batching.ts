/** The limits of one batch request. */
export interface BatchLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/**
 * Collects values in batches that stay within limits. A value that exceeds `maxBytes` gets its own batch.
 *
 * @example
 * const batcher = new Batcher<string>(Buffer.byteLength, { maxCount: 10, maxBytes: 262_144 });
 * for (const line of lines) {
 *   const batch = batcher.add(line);
 *   if (batch) await publish(batch);
 * }
 * await publish(batcher.flush());
 */
export class Batcher<T> {
  private batch: T[] = [];
  private bytes = 0;

  constructor(
    private readonly bytesOf: (value: T) => number,
    private readonly limits: BatchLimits,
  ) {}

  /** Adds a value. If the current batch has no room for it, returns that batch and starts a new one with the value. */
  add(value: T): T[] | undefined {
    const bytes = this.bytesOf(value);
    const { maxCount, maxBytes } = this.limits;
    const isFull = this.batch.length === maxCount || this.bytes + bytes > maxBytes;
    const full = isFull && this.batch.length > 0 ? this.flush() : undefined;
    this.batch.push(value);
    this.bytes += bytes;
    return full;
  }

  /** Returns the current batch, which may be empty, and starts a new one. */
  flush(): T[] {
    const { batch } = this;
    this.batch = [];
    this.bytes = 0;
    return batch;
  }
}

/** Splits values, in order, into batches that stay within limits. */
export function batchesOf<T>(values: Iterable<T>, bytesOf: (value: T) => number, limits: BatchLimits): T[][] {
  const batcher = new Batcher(bytesOf, limits);
  const batches: T[][] = [];
  for (const value of values) {
    const full = batcher.add(value);
    if (full) batches.push(full);
  }
  const last = batcher.flush();
  return last.length > 0 ? [...batches, last] : batches;
}

/** The response to one request. The service accepted the values that are in neither map. */
export interface SendBatchResponse<T> {
  /** Values that the service will never accept, with the reason. */
  readonly refused?: ReadonlyMap<T, Error>;
  /** Values that the service may accept in a later request, with the reason. */
  readonly unsent?: ReadonlyMap<T, Error>;
}

export interface SendInBatchesOptions<T> {
  readonly limits: BatchLimits;
  readonly bytesOf: (value: T) => number;
  /** Sends one request. */
  readonly send: (batch: readonly T[]) => Promise<SendBatchResponse<T>>;
  /** Returns whether the service refused the whole request because of one of its values. */
  readonly isRefusal: (error: unknown) => error is Error;
  /**
   * Returns whether a failed request may succeed later. `sendInBatches` throws any other error.
   *
   * @default - every error is retried
   */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Waits before a retry and returns whether to retry. The first retry is number 0. */
  readonly waitToRetry: (retry: number) => Promise<boolean>;
  /**
   * Returns whether the deadline has passed. After it, no request starts, and errors do not replace earlier errors.
   *
   * @default - there is no deadline
   */
  readonly isTimeUp?: () => boolean;
  /**
   * True to send one request after another.
   *
   * @default - requests are sent concurrently
   */
  readonly isSequential?: boolean;
}

/** A value that the service did not accept in time. */
export interface UnsentValue {
  /** Number of requests that contained the value. */
  readonly requests: number;
  /** The last error; undefined if the deadline passed before the first request. */
  readonly error: unknown;
}

/** The values that the service did not accept: `refused` permanently, `unsent` in the time available. */
export interface SendResult<T> {
  readonly refused: Map<T, Error>;
  readonly unsent: Map<T, UnsentValue>;
}

/**
 * Sends values in batches. If the service refuses a batch, splits it in halves until the invalid value is alone and all
 * others are sent. Retries values that the service may accept later.
 *
 * @throws The first error for which `isRetryable` returns false.
 * @example
 * const { refused, unsent } = await sendInBatches(messages, {
 *   limits: { maxCount: 10, maxBytes: 1_048_576 },
 *   bytesOf: ({ body }) => Buffer.byteLength(body),
 *   send: async (batch) => sendMessageBatch(batch),
 *   isRefusal: (error): error is Error => error instanceof BatchRequestTooLong,
 *   waitToRetry: async (retry) => retry < 10 && (await sleep(backoffMs(retry), true)),
 * });
 */
export async function sendInBatches<T>(values: Iterable<T>, options: SendInBatchesOptions<T>): Promise<SendResult<T>> {
  const result: SendResult<T> = { refused: new Map(), unsent: new Map() };
  await sendAll(batchesOf(values, options.bytesOf, options.limits), options, result);
  return result;
}

async function sendAll<T>(
  batches: readonly (readonly T[])[],
  options: SendInBatchesOptions<T>,
  result: SendResult<T>,
): Promise<void> {
  if (options.isSequential) for (const batch of batches) await sendBatch(batch, options, result);
  else await Promise.all(batches.map((batch) => sendBatch(batch, options, result)));
}

async function sendBatch<T>(
  batch: readonly T[],
  options: SendInBatchesOptions<T>,
  { refused, unsent }: SendResult<T>,
): Promise<void> {
  const { send, isRefusal, isRetryable = () => true, waitToRetry, isTimeUp = () => false } = options;
  let left = batch;
  let requests = 0;
  let failure: unknown;
  do {
    if (isTimeUp()) break;
    requests += 1;
    try {
      const response = await send(left);
      for (const [value, error] of response.refused ?? []) refused.set(value, error);
      left = left.filter((value) => response.unsent?.has(value));
      const [first] = left;
      if (first === undefined) return;
      failure = response.unsent?.get(first);
    } catch (error) {
      if (isRefusal(error)) {
        const middle = Math.ceil(left.length / 2);
        const halves = [left.slice(0, middle), left.slice(middle)];
        if (left.length > 1) return sendAll(halves, options, { refused, unsent });
        for (const value of left) refused.set(value, error);
        return;
      }
      if (!isRetryable(error)) throw error;
      if (failure === undefined || !isTimeUp()) failure = error;
    }
  } while (await waitToRetry(requests - 1));
  for (const value of left) unsent.set(value, { requests, error: failure });
}

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;

/**
 * Returns the milliseconds to wait before a retry: a random time below a limit that doubles with each retry. The randomness
 * keeps functions that were throttled together from retrying together.
 *
 * @param retry - 0 for the first retry.
 *
 * @param random - Returns a number from 0 up to but not including 1.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(retry: number, random: () => number = Math.random): number {
  return random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** retry);
}
