import { setImmediate } from "node:timers/promises";
import type { Clock } from "@event-pipeline/operations/clock";

interface Timer {
  at: number;
  readonly everyMs?: number;
  readonly run: () => void;
}

/** A clock that advances to the next timer whenever no other work is left. */
export class VirtualClock implements Clock {
  private ms = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.ms;
  }

  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.timers.add({ at: this.ms + ms, run: resolve }));
  }

  every(ms: number, run: () => void): () => void {
    const timer = { at: this.ms + ms, everyMs: ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Advances the clock until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (await setImmediate(); !isDone; await setImmediate()) {
      const [next] = [...this.timers].sort((one, other) => one.at - other.at);
      if (!next) throw new Error("The work is waiting for something other than the clock.");
      this.ms = next.at;
      if (next.everyMs === undefined) this.timers.delete(next);
      else next.at += next.everyMs;
      next.run();
    }
    return work;
  }
}
