const FIRST_MS = 50;
const MAX_MS = 2_000;

/**
 * Milliseconds to wait before retry `retry`, counted from 0: anything from
 * nothing to a bound that doubles, so that functions throttled together do not
 * come back together ("full jitter").
 *
 * @param random - From 0 up to but not including 1.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(retry: number, random: () => number = Math.random): number {
  return random() * Math.min(MAX_MS, FIRST_MS * 2 ** retry);
}
