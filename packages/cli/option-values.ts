import { InvalidArgumentError } from "commander";

/** What commander calls with an option's text; what it throws is shown with the option's name. */
export type OptionParser<T> = (text: string, previous?: T) => T;

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number): OptionParser<number> {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`);
  };
}

/** A number above nothing. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError("It takes a number above 0, such as 50 or 0.5.");
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time: so long ago (90s, 10m, 2h, 7d), or a date and time of ISO 8601 (UTC where it names no zone). */
export function pointInTime(text: string): Date {
  const [, amount, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return new Date(Date.now() - Number(amount) * Number(UNITS[unit]));
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?))?(Z|[+-]\d\d:\d\d)?$/i.exec(text) ?? [];
  // An hour alone is how the archive names its folders.
  const date = new Date(`${day}T${(time ?? "00").padEnd(5, ":00")}${zone?.toUpperCase() ?? "Z"}`);
  if (!Number.isNaN(date.getTime()) && isOfCalendar(day)) return date;
  throw new InvalidArgumentError("It takes how long ago (90s, 10m, 2h, 7d) or a time such as 2026-01-02T03:04Z.");
}

/** `Date` takes the 30th of February for the 2nd of March. */
function isOfCalendar(day = ""): boolean {
  return new Date(`${day}T00:00Z`).toISOString().startsWith(day);
}

/** `key=value`, given as often as there are pairs, each with a key of its own. */
export function pairs(text: string, previous: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("It takes key=value.");
  const key = text.slice(0, at);
  if (Object.hasOwn(previous, key)) throw new InvalidArgumentError(`${JSON.stringify(key)} is given twice.`);
  return { ...previous, [key]: text.slice(at + 1) };
}

/**
 * What SNS takes as MessageGroupId.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function messageGroupId(text: string): string {
  if (/^[!-~]{1,128}$/.test(text)) return text;
  throw new InvalidArgumentError("It takes 1 to 128 letters (a-z, A-Z), digits and punctuation, without spaces.");
}
