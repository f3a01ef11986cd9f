import { setTimeout as sleep } from "node:timers/promises";

/** The source of time for code whose tests must not wait. */
export interface Clock {
  /** Milliseconds from an arbitrary start; they never go back. */
  now(): number;
  /** Waits for `ms` milliseconds, or until the signal aborts; never throws. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` every `ms` milliseconds until the returned function is called. */
  every(ms: number, run: () => void): () => void;
}

/** Waits for `ms` milliseconds, or until the signal aborts; never throws. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined);
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  pause,
  every: (ms, run) => {
    const timer = setInterval(run, ms).unref();
    return () => clearInterval(timer);
  },
};
