import { setTimeout as sleep } from "node:timers/promises";

/** Waits for `ms` milliseconds, or less when the signal aborts; never throws. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined);
}

/** Lets through so many a second, evenly. */
export class Pace {
  private next = performance.now();

  /** @param perSecond - @default - as many as there are. */
  constructor(private readonly perSecond: number | undefined) {}

  /** Resolves when `count` more may go, or the signal aborts. */
  async wait(count: number, signal?: AbortSignal): Promise<void> {
    if (this.perSecond === undefined) return;
    const now = performance.now();
    this.next = Math.max(this.next, now);
    const wait = this.next - now;
    this.next += (count * 1_000) / this.perSecond;
    if (wait > 0) await pause(wait, signal);
  }
}
