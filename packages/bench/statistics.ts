/** The value below which a share `q` (0–1) of the values lies, by linear interpolation. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError("There is no quantile of no values; measure at least once.");
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median and, in brackets, the middle half of the values: on a shared machine the extremes say little. */
export function withSpread(values: readonly number[], unit: string): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => rounded(quantile(values, q)));
  return `${middle} ${unit} (${low}–${high})`;
}

/** How often the baseline's median has room for ours, or the other way round. */
export function times(numerator: readonly number[], denominator: readonly number[]): string {
  return `${(median(numerator) / median(denominator)).toFixed(2)} ×`;
}

/** Three digits that count, and no decimals where they would be noise. */
export function rounded(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
