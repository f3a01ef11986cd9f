/** How long ago, as in `3m`: of the largest unit that fits. */
export function ago(time: Date, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - time.getTime()) / 1_000));
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
  ] as const) {
    if (seconds >= size) return `${Math.floor(seconds / size)}${unit}`;
  }
  return `${seconds}s`;
}
