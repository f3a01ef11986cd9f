import { type Clock, SYSTEM_CLOCK } from "./clock";

/** Spreads work evenly over time. */
export class Pace {
  private next: number;

  /** @param perSecond - The maximum number a second; undefined for no limit. */
  constructor(
    private readonly perSecond: number | undefined,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.next = clock.now();
  }

  /** Resolves when `count` more may start, or when the signal aborts. */
  async wait(count: number, signal?: AbortSignal): Promise<void> {
    if (this.perSecond === undefined) return;
    const now = this.clock.now();
    // Time in which nothing was sent is not made up for.
    this.next = Math.max(this.next, now);
    const waitMs = this.next - now;
    this.next += (count * 1_000) / this.perSecond;
    if (waitMs > 0) await this.clock.pause(waitMs, signal);
  }
}
