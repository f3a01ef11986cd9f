const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
] as const;

/**
 * Formats the time from `since` to `now` in days, hours, minutes or seconds, rounded down.
 *
 * @example
 * formatAge(new Date(Date.now() - 200_000)); // "3m"
 */
export function formatAge(since: Date, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - since.getTime()) / 1_000));
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)}${unit}`;
}
