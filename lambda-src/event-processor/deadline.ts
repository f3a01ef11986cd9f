/** Reserve before a deadline: 1 second, or a fifth of the time left if that is less. */
const RESERVE_MS = 1_000;
const RESERVE_SHARE = 0.2;
/** Memory with which this reserve is enough. With less, Lambda allocates less CPU, so work in progress takes longer. */
const RESERVE_MEMORY_MIB = 512;
/** Lambda's shortest and longest timeout. */
const MIN_TIMEOUT_MS = 1_000;
const MAX_TIMEOUT_MS = 900_000;

/** The time by which work must end. */
export class Deadline {
  /**
   * @param at - Milliseconds of `performance.now()`, which clock corrections do not change.
   * @param slowness - Factor by which work takes longer than with 512 MiB of memory.
   */
  private constructor(
    private readonly at: number,
    private readonly slowness: number,
  ) {}

  /**
   * @param ms - Milliseconds from now. NaN counts as Lambda's shortest timeout.
   * @param memoryMiB - The function's memory. NaN counts as 512 MiB.
   */
  static in(ms: number, memoryMiB = RESERVE_MEMORY_MIB): Deadline {
    const remainingMs = Number.isNaN(ms) ? MIN_TIMEOUT_MS : Math.min(ms, MAX_TIMEOUT_MS);
    const slowness = memoryMiB > 0 ? RESERVE_MEMORY_MIB / memoryMiB : 1;
    return new Deadline(performance.now() + remainingMs, Math.max(1, slowness));
  }

  /** Returns an earlier deadline, which leaves the reserve. Below 512 MiB of memory, the reserve is longer. */
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

  /** Waits and returns true if there is time before the deadline; otherwise returns false immediately. */
  async wait(ms: number): Promise<boolean> {
    if (ms >= this.remainingMs()) return false;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return true;
  }
}
