/** Milliseconds of one data point. */
export const MINUTE_MS = 60_000;

/** Maximum number of minutes with values. The earliest is dropped first, which may have come last. */
const MAX_POINTS = 360;

/** The values of one minute. */
export interface Statistics {
  readonly SampleCount: number;
  readonly Sum: number;
  readonly Minimum: number;
  readonly Maximum: number;
}

export function statisticsOf(values: readonly number[], counts: readonly number[] = values.map(() => 1)): Statistics {
  return {
    SampleCount: counts.reduce((sum, count) => sum + count, 0),
    Sum: values.reduce((sum, value, index) => sum + value * (counts[index] ?? 1), 0),
    Minimum: Math.min(...values),
    Maximum: Math.max(...values),
  };
}

function together(one: Statistics, other: Statistics | undefined): Statistics {
  if (!other) return one;
  return {
    SampleCount: one.SampleCount + other.SampleCount,
    Sum: one.Sum + other.Sum,
    Minimum: Math.min(one.Minimum, other.Minimum),
    Maximum: Math.max(one.Maximum, other.Maximum),
  };
}

/** Values by name of the dimension. */
export type Dimensions = Readonly<Record<string, string>>;

/** The identity of a metric. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

/** The values of each minute in one unit. */
class Series {
  /** Values by start of the minute, in milliseconds since 1970, in order of time. */
  points = new Map<number, Statistics>();
  private latest = Number.NEGATIVE_INFINITY;

  add(statistics: Statistics, timestamp: number): void {
    const minute = Math.floor(timestamp / MINUTE_MS) * MINUTE_MS;
    this.points.set(minute, together(statistics, this.points.get(minute)));
    if (minute < this.latest) this.points = new Map([...this.points].sort(([one], [other]) => one - other));
    this.latest = Math.max(this.latest, minute);
    const [earliest] = this.points.keys();
    if (this.points.size > MAX_POINTS && earliest !== undefined) this.points.delete(earliest);
  }
}

/** A metric with the values of each minute. Values in different units do not mix. */
export class Metric {
  private readonly byUnit = new Map<string, Series>();

  constructor(readonly id: MetricId) {}

  add(statistics: Statistics, unit: string, timestamp: number): void {
    const series = this.byUnit.get(unit) ?? new Series();
    this.byUnit.set(unit, series);
    series.add(statistics, timestamp);
  }

  /**
   * Returns the statistics of each period from `start` to `end`, by the period's start, oldest first.
   *
   * @param unit - The unit of the values. @default - the values in any unit
   */
  periods(start: number, end: number, periodMs: number, unit?: string): [time: number, statistics: Statistics][] {
    const periods = new Map<number, Statistics>();
    for (const [seriesUnit, { points }] of this.byUnit) {
      if (unit !== undefined && unit !== seriesUnit) continue;
      for (const [minute, statistics] of points) {
        if (minute < start || minute >= end) continue;
        const time = Math.floor(minute / periodMs) * periodMs;
        periods.set(time, together(statistics, periods.get(time)));
      }
    }
    return [...periods].sort(([one], [other]) => one - other);
  }
}
