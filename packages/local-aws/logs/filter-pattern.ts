import { NotSupported } from "../protocols/invalid-input";
import { parseJsonLine } from "./log-line";
import { invalidParameter } from "./logs";

type Matches = (message: string) => boolean;

/** Maximum length of a pattern in FilterLogEvents. */
const MAX_LENGTH = 1_024;

const TERM = /\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\w+))(?=\s|$)/y;
const JSON_EQUALITY = /^\{\s*\$((?:\.[\w-]+)+)\s*=\s*(?:"((?:[^"\\*]|\\.)*)"|(-?\d+(?:\.\d+)?))\s*\}$/;

/**
 * Parses a filter pattern. An empty pattern matches every line. Otherwise, a pattern has:
 * - terms and "quoted phrases", which a line must contain, and `-terms`, which it must not,
 * - or `?terms`, at least one of which a line must contain,
 * - or the form `{ $.key = "value" }`, for lines in JSON.
 *
 * @throws NotSupported for an unsupported pattern, and AwsError for one that is too long.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseFilterPattern(pattern: string): Matches {
  const trimmed = pattern.trim();
  if (pattern.length > MAX_LENGTH) {
    throw invalidParameter(`The filter pattern exceeds the limit of ${MAX_LENGTH} characters.`);
  }
  return trimmed.startsWith("{") ? parseEquality(trimmed) : parseTerms(trimmed);
}

function parseTerms(pattern: string): Matches {
  const terms: Record<"" | "-" | "?", string[]> = { "": [], "-": [], "?": [] };
  TERM.lastIndex = 0;
  for (let end = 0; end < pattern.length; end = TERM.lastIndex) {
    const match = TERM.exec(pattern);
    if (!match) throw notSupported(pattern.slice(end).trim());
    const [, sign = "", quoted, word] = match;
    terms[sign as keyof typeof terms].push(word ?? unescaped(quoted ?? ""));
  }
  const { "": required, "-": excluded, "?": optional } = terms;
  if (optional.length > 0 && required.length + excluded.length > 0) {
    throw new NotSupported("?terms together with other terms, because AWS ignores such ?terms");
  }
  return (message) =>
    required.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (optional.length === 0 || optional.some((term) => message.includes(term)));
}

function parseEquality(pattern: string): Matches {
  const [, path = "", quoted, number] = JSON_EQUALITY.exec(pattern) ?? [];
  if (quoted === undefined && number === undefined) throw notSupported(pattern);
  const keys = path.slice(1).split(".");
  const expected = quoted === undefined ? Number(number) : unescaped(quoted);
  return (message) => keys.reduce(memberOf, parseJsonLine(message) as unknown) === expected;
}

function memberOf(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null && Object.hasOwn(object, key)
    ? (object as Record<string, unknown>)[key]
    : undefined;
}

function unescaped(quoted: string): string {
  return quoted.replace(/\\(.)/gs, "$1");
}

function notSupported(part: string) {
  return new NotSupported(
    `the filter pattern at ${JSON.stringify(part)}. Supported: terms of letters, digits and _, "quoted phrases", ?optional and -excluded terms, and { $.key = "value" }`,
  );
}
