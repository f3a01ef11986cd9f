/** Time before Lambda's timeout in which the handler returns: a second, or a fifth of a shorter time. */
const RESERVE_MS = 1_000;
const RESERVE_SHARE = 0.2;
/** Memory for which that is enough. Lambda allots CPU in proportion, so what is in progress takes longer with less. */
const RESERVE_MEMORY_MIB = 512;
/** Lambda's shortest and longest timeout. */
const MIN_TIMEOUT_MS = 1_000;
const MAX_TIMEOUT_MS = 900_000;

/** The time by which work must end. */
export class Deadline {
  /**
   * @param at - In the time of `performance.now()`, which no clock correction changes.
   * @param slowness - How many times longer work takes than with enough memory.
   */
  private constructor(
    private readonly at: number,
    private readonly slowness: number,
  ) {}

  /**
   * @param ms - Milliseconds from now. NaN counts as Lambda's shortest timeout.
   * @param memoryMiB - The function's memory. NaN counts as enough.
   */
  static in(ms: number, memoryMiB = RESERVE_MEMORY_MIB): Deadline {
    const remainingMs = Number.isNaN(ms) ? MIN_TIMEOUT_MS : Math.min(ms, MAX_TIMEOUT_MS);
    const slowness = memoryMiB > 0 ? RESERVE_MEMORY_MIB / memoryMiB : 1;
    return new Deadline(performance.now() + remainingMs, Math.max(1, slowness));
  }

  /** Returns an earlier deadline: by a second, or a fifth of the time left if that is less. Little memory doubles it at most. */
  withReserve(): Deadline {
    const { at, slowness } = this;
    const share = RESERVE_SHARE * Math.min(2, slowness);
    return new Deadline(at - Math.min(RESERVE_MS * slowness, this.remainingMs() * share), slowness);
  }

  /** Returns the milliseconds left; 0 if the deadline has passed. */
  remainingMs(): number {
    return Math.max(0, this.at - performance.now());
  }

  hasPassed(): boolean {
    return this.remainingMs() === 0;
  }

  /** Returns a signal that aborts at the deadline. */
  signal(): AbortSignal {
    return AbortSignal.timeout(Math.floor(this.remainingMs()));
  }

  /** Waits, and returns whether there was time for it. If not, it returns at once. */
  async wait(ms: number): Promise<boolean> {
    if (ms >= this.remainingMs()) return false;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return true;
  }
}
