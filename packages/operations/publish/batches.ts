import { setTimeout as sleep } from "node:timers/promises";
import { type Attributes, bytesOf, MAX_BYTES, type Outgoing } from "./event-message";

/** What one request of PublishBatch takes. */
const MAX_ENTRIES = 10;

/** Milliseconds that a batch waits for the source to fill it: `tail -f | publish -` is published as it comes. */
const LINGER_MS = 50;

/** Batches a second at a slow rate, so that they come evenly. */
const BATCHES_PER_SECOND = 10;

export interface BatchesProps {
  readonly attributes: Attributes;
  /** Messages a second. @default - as fast as they are taken */
  readonly rate?: number | undefined;
  readonly signal: AbortSignal;
}

/** Gathers messages into batches that SNS takes whole; when `signal` aborts it ends, and drops the batch it was gathering. */
export async function* batchesOf(
  groups: AsyncIterable<readonly Outgoing[]>,
  { attributes, rate, signal }: BatchesProps,
): AsyncGenerator<Outgoing[], void, void> {
  const maxEntries = rate === undefined ? MAX_ENTRIES : Math.min(MAX_ENTRIES, Math.ceil(rate / BATCHES_PER_SECOND));
  const pace = new Pace(rate, signal);
  let batch: Outgoing[] = [];
  let bytes = 0;
  for await (const group of withPauses(groups, LINGER_MS, signal)) {
    if (group === "pause" && batch.length > 0) {
      if (!(await pace.wait(batch.length))) return;
      yield batch;
      [batch, bytes] = [[], 0];
    }
    for (const outgoing of group === "pause" ? [] : group) {
      const size = bytesOf(outgoing.message, attributes);
      if (batch.length === maxEntries || bytes + size > MAX_BYTES) {
        if (!(await pace.wait(batch.length))) return;
        yield batch;
        [batch, bytes] = [[], 0];
      }
      batch.push(outgoing);
      bytes += size;
    }
  }
  if (batch.length > 0 && (await pace.wait(batch.length))) yield batch;
}

/** Lets so many messages a second through. */
class Pace {
  private at = performance.now();

  constructor(
    private readonly rate: number | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** Waits until so many may go, and says whether they still should. */
  async wait(count: number): Promise<boolean> {
    if (this.rate !== undefined) {
      const ms = this.at - performance.now();
      // What was missed while the source had nothing is not made up for.
      this.at = Math.max(this.at, performance.now()) + (count / this.rate) * 1_000;
      if (ms > 0) await sleep(ms, undefined, { signal: this.signal }).catch(() => undefined);
    }
    return !this.signal.aborted;
  }
}

/** Says "pause" when the next element takes longer; ends when `signal` aborts. */
async function* withPauses<T>(
  source: AsyncIterable<T>,
  ms: number,
  signal: AbortSignal,
): AsyncGenerator<T | "pause", void, void> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const next = iterator.next();
    while ((await withinMs(next, ms)) === "pause") {
      if (signal.aborted) return;
      yield "pause";
    }
    const { done, value } = await next;
    if (done) return;
    yield value;
  }
}

async function withinMs<T>(promise: Promise<T>, ms: number): Promise<T | "pause"> {
  const timer = new AbortController();
  const pause = sleep(ms, "pause" as const, { signal: timer.signal }).catch(() => "pause" as const);
  try {
    return await Promise.race([promise, pause]);
  } finally {
    timer.abort();
  }
}
