/** Kept back from Lambda's timeout, to answer before it strikes: a second, or a fifth of a shorter time. */
const RESERVE_MS = 1_000;
const RESERVE_SHARE = 0.2;
/** Memory for which that is enough. CPU comes in proportion, and what is under way takes longer with less. */
const RESERVE_MEMORY_MIB = 512;
/** Bounds of Lambda's timeouts: what a function has surely, and what it has at most. */
const MIN_TIMEOUT_MS = 1_000;
const MAX_TIMEOUT_MS = 900_000;

/** A point in time that work has to be done by. */
export class Deadline {
  /**
   * @param at - By `performance.now()`, which no clock correction moves.
   * @param slowness - How many times longer work may take than with enough memory.
   */
  private constructor(
    private readonly at: number,
    private readonly slowness: number,
  ) {}

  /**
   * @param ms - Milliseconds from now. NaN counts as Lambda's shortest timeout, a second.
   * @param memoryMiB - Memory of the function. What is no number above 0 counts as enough.
   */
  static in(ms: number, memoryMiB = RESERVE_MEMORY_MIB): Deadline {
    const remainingMs = Number.isNaN(ms) ? MIN_TIMEOUT_MS : Math.min(ms, MAX_TIMEOUT_MS);
    const slowness = memoryMiB > 0 ? RESERVE_MEMORY_MIB / memoryMiB : 1;
    return new Deadline(performance.now() + remainingMs, Math.max(1, slowness));
  }

  /** A deadline before this one by the reserve: a second, or a fifth of the time left if that is less; more with little memory. */
  withReserve(): Deadline {
    const { at, slowness } = this;
    const share = RESERVE_SHARE * Math.min(2, slowness);
    return new Deadline(at - Math.min(RESERVE_MS * slowness, this.remainingMs() * share), slowness);
  }

  /** Milliseconds left; 0 when it has passed. */
  remainingMs(): number {
    return Math.max(0, this.at - performance.now());
  }

  hasPassed(): boolean {
    return this.remainingMs() === 0;
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
