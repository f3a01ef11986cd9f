import { UsageError } from "@event-pipeline/operations/errors";
import { type Command, InvalidArgumentError } from "commander";

/** Parses an option's value. Commander adds the option's name to the error. */
export type OptionParser<T> = (text: string, previous?: T) => T;

/** Returns a parser for whole numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number): OptionParser<number> {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** Parses a number above 0, up to 1,000,000. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError("Expected a number above 0 and up to 1,000,000, such as 50 or 0.5.");
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses an age (90s, 10m, 2h, 7d), or a time in ISO 8601. The time is in UTC unless it has a time zone. */
export function pointInTime(text: string): Date {
  const [, amount, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ageMs = Number(amount) * Number(UNITS[unit]);
  if (ageMs <= Date.now()) return new Date(Date.now() - ageMs);
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?))?(Z|[+-]\d\d:\d\d)?$/i.exec(text) ?? [];
  // A time may end with the hour, as the archive's prefixes do.
  const date = new Date(`${day}T${(time ?? "00").padEnd(5, ":00")}${zone?.toUpperCase() ?? "Z"}`);
  if (!Number.isNaN(date.getTime()) && isInCalendar(day)) return date;
  throw new InvalidArgumentError("Expected an age (90s, 10m, 2h, 7d) or a time such as 2026-01-02T03:04Z.");
}

/** Returns whether the day exists. `Date` accepts February 30 as March 2. */
function isInCalendar(day = ""): boolean {
  return new Date(`${day}T00:00Z`).toISOString().startsWith(day);
}

/** Parses `key=value`. Returns it together with the pairs from earlier uses of the same option. */
export function pairs(text: string, previous: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("Expected key=value.");
  const key = text.slice(0, at);
  if (Object.hasOwn(previous, key))
    throw new InvalidArgumentError(`The key ${JSON.stringify(key)} is given twice. Give each key once.`);
  return { ...previous, [key]: text.slice(at + 1) };
}

/**
 * Parses a MessageGroupId.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function messageGroupId(text: string): string {
  if (/^[!-~]{1,128}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected 1 to 128 letters (a-z, A-Z), digits and punctuation marks, without spaces.");
}

/** The options `--since` and `--until`, as commander parses them. */
export interface TimeRangeOptions {
  readonly since?: Date;
  readonly until?: Date;
}

/** @param participle - `published` or `that happened`: the time of an event that the options refer to. */
export function addTimeRangeOptions(command: Command, participle: string): Command {
  return command
    .option(
      "--since <time>",
      `Only events ${participle} since this time: 10m, 2h, 7d, or ISO 8601 (default: all)`,
      pointInTime,
    )
    .option("--until <time>", `Only events ${participle} before this time (default: all)`, pointInTime);
}

/** @throws UsageError when the time range is empty. */
export function timeRangeOf({ since, until }: TimeRangeOptions): TimeRangeOptions {
  if (since && until && since >= until) {
    throw new UsageError(
      `Invalid time range: --since ${since.toISOString()} must be earlier than --until ${until.toISOString()}.`,
    );
  }
  return { ...(since && { since }), ...(until && { until }) };
}

export function timeRangeText({ since, until }: TimeRangeOptions): string {
  const parts = [since && `since ${since.toISOString()}`, until && `before ${until.toISOString()}`].filter(Boolean);
  return parts.length === 0 ? "of any age" : parts.join(" and ");
}
