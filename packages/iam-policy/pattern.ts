import { arnSegments, type ContextValues } from "./request";

const ANY_TEXT = Symbol("*");
const ANY_CHARACTER = Symbol("?");

type Token = string | typeof ANY_TEXT | typeof ANY_CHARACTER;

/** Options for matching texts in a policy. */
export interface MatchOptions {
  /** True if `${…}` is replaced by the value of a condition key. */
  readonly variables: boolean;
  readonly values: ContextValues;
}

/** Returns whether a pattern with `*` (any text) and `?` (any one character) matches the whole text. */
export function matches(pattern: string, text: string, options: MatchOptions): boolean {
  return matchesTokens(parseTokens(splitSymbols(pattern, options), options), text);
}

/**
 * Returns whether a pattern matches an ARN. The six segments are matched separately: a wildcard does not match a colon,
 * except in the last segment.
 */
export function matchesArn(pattern: string, arn: string, options: MatchOptions): boolean {
  if (pattern === "*") return true;
  const segments = arnSegments(arn);
  const patterns = splitAtColons(splitSymbols(pattern, options));
  if (!segments || segments.length !== patterns.length) return false;
  return segments.every((segment, index) => matchesTokens(parseTokens(patterns[index] ?? [], options), segment));
}

/** Replaces policy variables in a text, and keeps wildcards. Returns undefined if a variable has no value. */
export function replaceVariables(text: string, options: MatchOptions): string | undefined {
  return parseTokens(splitSymbols(text, options), options)
    ?.map((token) => (typeof token === "symbol" ? token.description : token))
    .join("");
}

/** Splits a text into characters and variables such as `${aws:username}`. */
function splitSymbols(text: string, { variables }: MatchOptions): string[] {
  return text.match(variables ? /\$\{[^}]*\}|./gsu : /./gsu) ?? [];
}

function splitAtColons(text: readonly string[]): string[][] {
  const segments: string[][] = [[]];
  for (const symbol of text) {
    if (symbol === ":" && segments.length < 6) segments.push([]);
    else segments.at(-1)?.push(symbol);
  }
  return segments;
}

/** Parses a pattern. Returns undefined if a variable has no value: the pattern then matches nothing. */
function parseTokens(text: readonly string[], options: MatchOptions): Token[] | undefined {
  const found: Token[] = [];
  for (const symbol of text) {
    if (symbol === "*") found.push(ANY_TEXT);
    else if (symbol === "?") found.push(ANY_CHARACTER);
    else if (symbol.length > 2 && symbol.startsWith("${")) {
      const value = variableValue(symbol.slice(2, -1), options.values);
      if (value === undefined) return undefined;
      found.push(...value);
    } else found.push(symbol);
  }
  return found;
}

/**
 * Returns the value of a policy variable: a condition key with an optional default (`key, 'default'`), or one of the
 * literals `*`, `?` and `$`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
function variableValue(variable: string, values: ContextValues): string | undefined {
  if (["*", "?", "$"].includes(variable)) return variable;
  const [, key = "", fallback] = /^\s*([^,]*?)\s*(?:,\s*'(.*)'\s*)?$/s.exec(variable) ?? [];
  const found = values(key);
  // A condition key with several values cannot replace a variable.
  return found === undefined ? fallback : found.length === 1 ? found[0] : undefined;
}

/** Returns whether a parsed pattern matches a text. The time is proportional to pattern length × text length. */
function matchesTokens(pattern: readonly Token[] | undefined, text: string): boolean {
  if (pattern === undefined) return false;
  const characters = [...text];
  let [at, next, lastAny, retry] = [0, 0, -1, 0];
  while (at < characters.length) {
    const token = pattern[next];
    if (token === ANY_TEXT) {
      [lastAny, retry] = [next, at];
      next += 1;
    } else if (token === ANY_CHARACTER || (token !== undefined && token === characters[at])) {
      at += 1;
      next += 1;
    } else if (lastAny >= 0) {
      retry += 1;
      [at, next] = [retry, lastAny + 1];
    } else return false;
  }
  return pattern.slice(next).every((token) => token === ANY_TEXT);
}
