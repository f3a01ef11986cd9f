import { randomBytes } from "node:crypto";
import { NotSupported } from "../protocols/invalid-input";
import { invalidArgument } from "./errors";

const EXPRESSION = /!\{([^{}:]*):([^{}]*)\}/g;
const DEFAULT_TIME = "!{timestamp:yyyy/MM/dd/HH/}";
const ERROR_TYPE = "!{firehose:error-output-type}";
const MAX_LENGTH = 512;

/** A time in a time zone. */
type LocalTime = Readonly<Record<"year" | "month" | "day" | "hour" | "minute" | "second", number>>;

/** Letters of Java's DateTimeFormatter, with the number that each one stands for. */
const LETTERS: Readonly<Record<string, (time: LocalTime) => number>> = {
  y: ({ year }) => year,
  u: ({ year }) => year,
  M: ({ month }) => month,
  L: ({ month }) => month,
  d: ({ day }) => day,
  D: ({ year, month, day }) => (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 0)) / 86_400_000,
  H: ({ hour }) => hour,
  m: ({ minute }) => minute,
  s: ({ second }) => second,
};

/** Matches quoted text, a quote, and a field of one repeated character. */
const PATTERN_PART = /'([^']+)'|''|([A-Za-z])\2*/g;

/**
 * Returns a time in the format of Java's DateTimeFormatter.
 *
 * @throws NotSupported for a field that is not supported, such as `E`.
 */
function formatTime(pattern: string, time: LocalTime): string {
  return pattern.replace(PATTERN_PART, (part: string, quoted?: string, letter?: string) => {
    if (quoted !== undefined) return quoted;
    if (letter === undefined) return "'";
    const number = LETTERS[letter];
    const isName = (letter === "M" || letter === "L") && part.length > 2;
    if (!number || isName) throw new NotSupported(`the expression !{timestamp:${part}} in a prefix`);
    const digits = String(number(time)).padStart(part.length, "0");
    return letter === "y" && part.length === 2 ? digits.slice(-2) : digits;
  });
}

/** Formats times in one time zone. */
export class PrefixFormatter {
  private readonly format: Intl.DateTimeFormat;

  /** @throws AwsError for an unknown time zone. */
  constructor(timeZone: string) {
    try {
      this.format = new Intl.DateTimeFormat("en-US", {
        timeZone,
        hourCycle: "h23",
        ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
      });
    } catch {
      throw invalidArgument(`Invalid CustomTimeZone ${timeZone}: expected a time zone such as Asia/Tokyo.`);
    }
  }

  private local(time: number): LocalTime {
    const parts = this.format.formatToParts(time).map(({ type, value }) => [type, Number(value)]);
    return Object.fromEntries(parts) as LocalTime;
  }

  /** Returns a time in the format of an object's name. */
  stamp(time: number): string {
    return formatTime("yyyy-MM-dd-HH-mm-ss", this.local(time));
  }

  /**
   * Replaces the expressions of a prefix. A prefix without a timestamp gets one at its end.
   *
   * @param time - Arrival of the oldest record, in milliseconds since 1970.
   * @throws AwsError and NotSupported for an invalid or unsupported expression.
   * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
   */
  evaluate(prefix: string, time: number): string {
    const local = this.local(time);
    const withTime = prefix.includes("!{timestamp:") ? prefix : prefix + DEFAULT_TIME;
    const evaluated = withTime.replace(EXPRESSION, (expression, namespace: string, value: string) => {
      if (namespace === "timestamp") return formatTime(value, local);
      if (expression === "!{firehose:random-string}") return randomBytes(9).toString("base64url").slice(0, 11);
      if (expression === ERROR_TYPE) return "processing-failed";
      throw new NotSupported(`the expression ${expression} in a prefix`);
    });
    if (evaluated.length <= MAX_LENGTH) return evaluated;
    throw invalidArgument(`The prefix has more than ${MAX_LENGTH} characters: ${evaluated}`);
  }
}

function hasExpression(prefix: string): boolean {
  return prefix.includes("!{");
}

/** @throws AwsError and NotSupported for prefixes that AWS would reject, and for unsupported expressions. */
export function validatePrefixes(prefix: string, errorPrefix: string | undefined, formatter: PrefixFormatter): void {
  for (const each of [prefix, errorPrefix ?? ""]) {
    if (hasExpression(each.replace(EXPRESSION, ""))) {
      throw invalidArgument(`Invalid prefix "${each}": expected !{namespace:value} for each expression.`);
    }
    formatter.evaluate(each, 0);
  }
  if (prefix.includes(ERROR_TYPE)) throw invalidArgument(`Prefix must not contain ${ERROR_TYPE}.`);
  const needsErrorType = errorPrefix === undefined ? hasExpression(prefix) : hasExpression(errorPrefix);
  if (needsErrorType && !errorPrefix?.includes(ERROR_TYPE)) {
    throw invalidArgument(`ErrorOutputPrefix must contain ${ERROR_TYPE}, because a prefix contains an expression.`);
  }
}
