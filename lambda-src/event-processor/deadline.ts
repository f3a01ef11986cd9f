/** Kept back from Lambda's timeout, to answer before it strikes: a second, or a fifth of a shorter time. */
const RESERVE_MS = 1_000;
const RESERVE_SHARE = 0.2;

/** A point in time that work has to be done by. */
export class Deadline {
  /** @param at - By `performance.now()`, which no clock correction moves. */
  private constructor(private readonly at: number) {}

  /** @param ms - Milliseconds from now. */
  static in(ms: number): Deadline {
    return new Deadline(performance.now() + ms);
  }

  /** A deadline before this one by the reserve: a second, or a fifth of the time left if that is less. */
  withReserve(): Deadline {
    const remainingMs = this.remainingMs();
    return new Deadline(this.at - Math.min(RESERVE_MS, remainingMs * RESERVE_SHARE));
  }

  /** Milliseconds left; 0 when it has passed. */
  remainingMs(): number {
    return Math.max(0, this.at - performance.now());
  }

  /** Aborts at the deadline. */
  signal(): AbortSignal {
    return AbortSignal.timeout(Math.floor(this.remainingMs()));
  }

  /** Waits, and says whether there was time for it; if not, it returns at once. */
  async wait(ms: number): Promise<boolean> {
    if (ms >= this.remainingMs()) return false;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return true;
  }
}
