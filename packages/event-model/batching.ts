/** The limits of one request. */
export interface BatchLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/**
 * Gathers values into batches within limits. A value that exceeds `maxBytes` gets a batch of its own.
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

  /** Adds a value. Returns the batch before it if that batch has no room for the value. */
  add(value: T): T[] | undefined {
    const bytes = this.bytesOf(value);
    const { maxCount, maxBytes } = this.limits;
    const isFull = this.batch.length === maxCount || this.bytes + bytes > maxBytes;
    const full = isFull && this.batch.length > 0 ? this.flush() : undefined;
    this.batch.push(value);
    this.bytes += bytes;
    return full;
  }

  /** Returns the values that are not in a batch yet. */
  flush(): T[] {
    const { batch } = this;
    this.batch = [];
    this.bytes = 0;
    return batch;
  }
}

/** Divides values into batches within limits, in order. */
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

/** The answer to one request. The service accepted the values that are in neither map. */
export interface BatchAnswer<T> {
  /** Values that it will never accept, and why. */
  readonly refused?: ReadonlyMap<T, Error>;
  /** Values that it did not accept this time, and why. */
  readonly unsent?: ReadonlyMap<T, Error>;
}

export interface SendInBatchesProps<T> {
  readonly limits: BatchLimits;
  readonly bytesOf: (value: T) => number;
  /** Sends one request. */
  readonly send: (batch: readonly T[]) => Promise<BatchAnswer<T>>;
  /** Returns whether the service refused a whole request because of a value in it. */
  readonly isRefusal: (error: unknown) => error is Error;
  /**
   * Returns whether a failed request may succeed later. `sendInBatches` throws any other error.
   *
   * @default - every error is worth a retry
   */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Waits before a retry, which is counted from 0. Returns whether to retry. */
  readonly waitToRetry: (retry: number) => Promise<boolean>;
  /**
   * Returns whether the time is up. After that no request begins, and no error replaces an earlier one.
   *
   * @default - there is no deadline
   */
  readonly isTimeUp?: () => boolean;
  /**
   * True to send one request after another.
   *
   * @default - requests are sent at the same time
   */
  readonly isSequential?: boolean;
}

/** The reason why a value was not sent. */
export interface Unsent {
  /** The requests that it was in. */
  readonly requests: number;
  /** The last error; undefined if the time was up before the first request. */
  readonly error: unknown;
}

/** The values that were not accepted. */
export interface SendResult<T> {
  readonly refused: Map<T, Error>;
  readonly unsent: Map<T, Unsent>;
}

/**
 * Sends values in batches. A batch that the service refuses is split in halves until the value at fault is alone, so
 * that its neighbors are sent. Values that the service does not accept this time are sent again.
 *
 * @throws An error that `isRetryable` does not accept.
 * @example
 * const { refused, unsent } = await sendInBatches(messages, {
 *   limits: { maxCount: 10, maxBytes: 1_048_576 },
 *   bytesOf: ({ body }) => Buffer.byteLength(body),
 *   send: async (batch) => sendMessageBatch(batch),
 *   isRefusal: (error): error is Error => error instanceof BatchRequestTooLong,
 *   waitToRetry: async (retry) => retry < 10 && (await sleep(backoffMs(retry), true)),
 * });
 */
export async function sendInBatches<T>(values: Iterable<T>, props: SendInBatchesProps<T>): Promise<SendResult<T>> {
  const result: SendResult<T> = { refused: new Map(), unsent: new Map() };
  await sendAll(batchesOf(values, props.bytesOf, props.limits), props, result);
  return result;
}

async function sendAll<T>(
  batches: readonly (readonly T[])[],
  props: SendInBatchesProps<T>,
  result: SendResult<T>,
): Promise<void> {
  if (props.isSequential) for (const batch of batches) await sendBatch(batch, props, result);
  else await Promise.all(batches.map((batch) => sendBatch(batch, props, result)));
}

async function sendBatch<T>(
  batch: readonly T[],
  props: SendInBatchesProps<T>,
  { refused, unsent }: SendResult<T>,
): Promise<void> {
  const { send, isRefusal, isRetryable = () => true, waitToRetry, isTimeUp = () => false } = props;
  let left = batch;
  let requests = 0;
  let failure: unknown;
  do {
    if (isTimeUp()) break;
    requests += 1;
    try {
      const answer = await send(left);
      for (const [value, error] of answer.refused ?? []) refused.set(value, error);
      left = left.filter((value) => answer.unsent?.has(value));
      const [first] = left;
      if (first === undefined) return;
      failure = answer.unsent?.get(first);
    } catch (error) {
      if (isRefusal(error)) {
        const middle = Math.ceil(left.length / 2);
        const halves = [left.slice(0, middle), left.slice(middle)];
        if (left.length > 1) return sendAll(halves, props, { refused, unsent });
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
 * Returns the milliseconds to wait before a retry, which is counted from 0: a random time below a limit that doubles,
 * so that functions that were throttled together do not retry together.
 *
 * @param random - A number from 0 up to but not including 1.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(retry: number, random: () => number = Math.random): number {
  return random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** retry);
}
