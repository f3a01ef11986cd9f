import { setTimeout as sleep } from "node:timers/promises";

/** A clock and timers. Tests pass a clock that does not really wait. */
export interface Clock {
  /** Returns the milliseconds since an arbitrary start. The value never decreases. */
  now(): number;
  /** Waits for `ms` milliseconds, or until the signal aborts; never throws. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` every `ms` milliseconds until the returned function is called. */
  every(ms: number, run: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  pause: async (ms, signal) => {
    if (signal?.aborted) return;
    await sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined);
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms).unref();
    return () => clearInterval(timer);
  },
};

export const { pause } = SYSTEM_CLOCK;

/** Limits the number of messages per second, and spreads them evenly. */
export class RateLimiter {
  private next: number;

  /** @param perSecond - The maximum number of messages per second; undefined for no limit. */
  constructor(
    private readonly perSecond: number | undefined,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.next = clock.now();
  }

  /** Waits until `count` more messages may be sent, or until the signal aborts. */
  async wait(count: number, signal?: AbortSignal): Promise<void> {
    if (this.perSecond === undefined) return;
    const now = this.clock.now();
    // An idle period does not allow a burst after it.
    this.next = Math.max(this.next, now);
    const waitMs = this.next - now;
    this.next += (count * 1_000) / this.perSecond;
    if (waitMs > 0) await this.clock.pause(waitMs, signal);
  }
}
