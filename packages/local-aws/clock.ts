import { setImmediate as turn } from "node:timers/promises";

/** Longest delay of Node.js's timers, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Ends a timer; without effect if the timer has fired. */
export type CancelTimer = () => void;

/**
 * The source of time for everything that waits: visibility timeouts, delays, retention, long polls, buffering and time to
 * live. What works follows the machine's time instead: a function's duration, timeouts of clients, back-off.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` after a number of milliseconds of this clock. Timers do not keep the process running. */
  after(ms: number, callback: () => void): CancelTimer;
  /** Moves the clock forward to a time; without effect if that time has passed. */
  continueFrom(time: number): void;
}

/** The machine's clock, or one that runs faster by a factor. It never goes back, even if the machine's clock is set back. */
export class RunningClock implements Clock {
  /** The machine's clock when it was last read and had not been set back, and the time since the process started. */
  private machine = { time: Date.now(), uptime: performance.now() };
  private readonly machineStart = this.machine.time;
  private start = this.machineStart;

  /**
   * @param factor - Milliseconds of this clock in one millisecond. @default 1
   * @throws RangeError when the factor is not a positive number.
   */
  constructor(readonly factor = 1) {
    if (!(factor > 0 && Number.isFinite(factor))) {
      throw new RangeError(`Invalid factor ${factor}: expected a positive number.`);
    }
  }

  now(): number {
    return this.start + Math.round((this.machineNow() - this.machineStart) * this.factor);
  }

  continueFrom(time: number): void {
    this.start += Math.max(0, time - this.now());
  }

  after(ms: number, callback: () => void): CancelTimer {
    const due = this.now() + ms;
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      timer = setTimeout(check, Math.min(Math.max(0, Math.ceil(left / this.factor)), MAX_TIMER_MS)).unref();
    };
    // Node.js's timers may fire a millisecond early, and a callback must find that its time has come.
    const check = () => {
      const left = due - this.now();
      if (left > 0) wait(left);
      else callback();
    };
    wait(ms);
    return () => clearTimeout(timer);
  }

  /** Returns the machine's time; what it would be if the machine's clock was set back. */
  private machineNow(): number {
    const [time, uptime] = [Date.now(), performance.now()];
    const expected = Math.floor(this.machine.time + uptime - this.machine.uptime);
    if (time < expected) return expected;
    this.machine = { time, uptime };
    return time;
  }
}

/** The machine's clock. */
export const MACHINE_CLOCK: Clock = new RunningClock();

/** Maximum difference to the machine's clock, in milliseconds, that has no effect. */
const TOLERANCE_MS = 1_000;

/** Returns whether a clock tells the machine's time. */
export function isMachineClock(clock: Clock): boolean {
  if (!(clock instanceof RunningClock && clock.factor === 1)) return false;
  return Math.abs(clock.now() - Date.now()) < TOLERANCE_MS;
}

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class SteppedClock implements Clock {
  private readonly timers = new Set<Timer>();

  /** @param time - Milliseconds since 1970. */
  constructor(private time = Date.now()) {}

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): CancelTimer {
    const timer = { due: this.time + Math.max(0, ms), callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  continueFrom(time: number): void {
    this.time = Math.max(this.time, time);
  }

  /** Moves the clock. Each timer that is due fires at its time, and the work that it starts continues in between. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = this.nextTimer();
      if (!next || next.due > end) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.due);
      next.callback();
      await turn();
      await turn();
    }
    this.time = end;
    await turn();
  }

  /** Returns the timer that is due first; of several, the one that was set first. */
  private nextTimer(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.timers) if (!next || timer.due < next.due) next = timer;
    return next;
  }
}
