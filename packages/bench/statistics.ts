/** Returns the quantile `q` (0 to 1) of the values, by linear interpolation. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError("Cannot compute a quantile of no values: measure at least once.");
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Formats the median with the interquartile range in parentheses: `5.14 ms (4.96–5.31)`. */
export function withSpread(values: readonly number[], unit: string): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => rounded(quantile(values, q)));
  return `${middle} ${unit} (${low}–${high})`;
}

/** Formats the ratio of two medians: `1.23 ×`. */
export function ratio(numerator: readonly number[], denominator: readonly number[]): string {
  return `${(median(numerator) / median(denominator)).toFixed(2)} ×`;
}

/** Formats a value with three significant digits, or as a whole number if it is 1,000 or more. */
export function rounded(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Measures every candidate once per round, in turn, so that a change in the machine's load affects all of them. */
export async function measureInTurn<Candidate, Figures>(
  candidates: readonly Candidate[],
  rounds: number,
  measure: (candidate: Candidate) => Promise<Figures> | Figures,
): Promise<Map<Candidate, Figures[]>> {
  const figures = new Map(candidates.map((candidate): [Candidate, Figures[]] => [candidate, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [candidate, collected] of figures) collected.push(await measure(candidate));
  }
  return figures;
}
