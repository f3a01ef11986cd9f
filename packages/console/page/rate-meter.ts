/** Period in milliseconds over which rates are averaged. */
const WINDOW_MS = 5_000;

/** Measures how fast counters increase. */
export class RateMeter<K extends string> {
  private samples: { readonly at: number; readonly counts: Readonly<Record<K, number>> }[] = [];

  add(counts: Readonly<Record<K, number>>, at: number): void {
    const last = this.samples.at(-1);
    // The server sends up to ten updates per second. Four are enough for a rate.
    if (last && at - last.at < 250) return;
    this.samples.push({ at, counts });
    const start = this.samples.findLastIndex((sample) => at - sample.at >= WINDOW_MS);
    if (start > 0) this.samples.splice(0, start);
  }

  /** Returns the counter's increase per second. */
  rate(key: K): number {
    const [first] = this.samples;
    const last = this.samples.at(-1);
    if (!first || !last || last.at === first.at) return 0;
    return ((last.counts[key] - first.counts[key]) * 1_000) / (last.at - first.at);
  }

  clear(): void {
    this.samples = [];
  }
}
