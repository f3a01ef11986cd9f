import timers from "node:timers/promises";
import { Retry, StandardRetryStrategy } from "@smithy/core/retry";

/** Sleeps up to this many milliseconds are real, such as the wait for a full batch. */
const REAL_SLEEP_MS = 50;
/** Intervals up to this many milliseconds are real. */
const REAL_INTERVAL_MS = 1_000;

/** Milliseconds between two checks whether requests are pending, and the checks in a row after which time advances. */
const CHECK_MS = 1;
const IDLE_CHECKS = 3;

/**
 * A clock that skips the commands' pauses and the SDK's waits before retries. It advances to the next timer when no
 * request is pending, so a test sees how long a command would be silent on AWS. Requests and timeouts take real time.
 */
export class VirtualTime {
  readonly realNow = performance.now.bind(performance);
  private readonly realSleep = timers.setTimeout;
  private skippedMs = 0;
  /** The time at which each sleep ends. */
  private readonly wakers = new Map<() => void, number>();
  /** The intervals, which are called on the way to the end of a sleep. */
  private readonly intervals = new Set<{ at: number; readonly ms: number; readonly run: () => void }>();
  private isTicking = false;
  private readonly spies: { mockRestore(): void }[];

  /** @param isIdle - Returns whether no request is pending. */
  constructor(private readonly isIdle: () => boolean) {
    const { sleep, now } = { sleep: this.sleep.bind(this), now: this.now.bind(this) };
    const delays = { throttling: Retry.throttlingDelay(), other: Retry.delay() };
    const refresh = StandardRetryStrategy.prototype.refreshRetryTokenForRetry;
    const realSetInterval = setInterval;
    const realClearInterval = clearInterval;
    this.spies = [
      jest.spyOn(globalThis, "setInterval").mockImplementation(((run: () => void, ms = 1) => {
        if (ms <= REAL_INTERVAL_MS) return realSetInterval(run, ms);
        const interval = { at: this.now() + ms, ms, run, unref: () => interval };
        this.intervals.add(interval);
        return interval;
      }) as unknown as typeof setInterval),
      jest.spyOn(globalThis, "clearInterval").mockImplementation((interval) => {
        if (!this.intervals.delete(interval as never)) realClearInterval(interval);
      }),
      jest.spyOn(performance, "now").mockImplementation(now),
      jest.spyOn(timers, "setTimeout").mockImplementation(sleep as typeof timers.setTimeout),
      jest.spyOn(Retry, "delay").mockReturnValue(1),
      jest.spyOn(Retry, "throttlingDelay").mockReturnValue(1),
      jest.spyOn(StandardRetryStrategy.prototype, "refreshRetryTokenForRetry").mockImplementation(async function (
        this: StandardRetryStrategy,
        token,
        error,
      ) {
        const next = await refresh.call(this, token, error);
        // The longest delay, without the SDK's jitter.
        await sleep((error.errorType === "THROTTLING" ? delays.throttling : delays.other) * 2 ** token.getRetryCount());
        return next;
      }),
    ];
  }

  now(): number {
    return this.realNow() + this.skippedMs;
  }

  restore(): void {
    for (const spy of this.spies) spy.mockRestore();
  }

  private advanceTo(ms: number): void {
    this.skippedMs += Math.max(0, ms - this.now());
  }

  private async sleep<T>(ms = 1, value?: T, options: { readonly signal?: AbortSignal } = {}): Promise<T> {
    if (ms <= REAL_SLEEP_MS || options.signal?.aborted) return this.realSleep(ms, value as T, options);
    await new Promise<void>((resolve, reject) => {
      this.wakers.set(resolve, this.now() + ms);
      options.signal?.addEventListener("abort", () => this.wakers.delete(resolve) && reject(options.signal?.reason));
      void this.tick();
    });
    return value as T;
  }

  private async tick(): Promise<void> {
    if (this.isTicking) return;
    this.isTicking = true;
    for (let idleChecks = 0; this.wakers.size > 0; ) {
      await this.realSleep(CHECK_MS);
      idleChecks = this.isIdle() ? idleChecks + 1 : 0;
      if (idleChecks < IDLE_CHECKS) continue;
      idleChecks = 0;
      const [[wake, at] = [() => undefined, 0]] = [...this.wakers].sort(([, one], [, other]) => one - other);
      const [interval] = [...this.intervals].sort((one, other) => one.at - other.at);
      if (interval && interval.at < at) {
        this.advanceTo(interval.at);
        interval.at += interval.ms;
        interval.run();
        continue;
      }
      this.wakers.delete(wake);
      this.advanceTo(at);
      wake();
    }
    this.isTicking = false;
  }
}
