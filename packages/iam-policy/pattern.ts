import { arnSegments, type ContextValues } from "./request";

const ANY_TEXT = Symbol("*");
const ANY_CHARACTER = Symbol("?");

type Token = string | typeof ANY_TEXT | typeof ANY_CHARACTER;

/** Options for reading the texts of a policy. */
export interface Reading {
  /** True if `${…}` is replaced by the value of a condition key. */
  readonly variables: boolean;
  readonly values: ContextValues;
}

/** Returns whether a pattern with `*` (any text) and `?` (any one character) matches a complete text. */
export function matches(pattern: string, text: string, reading: Reading): boolean {
  return fits(tokens(symbols(pattern, reading), reading), text);
}

/**
 * Returns whether a pattern matches an ARN. Each of the six segments is matched separately: a wildcard does not match
 * across a colon, except in the last segment.
 */
export function matchesArn(pattern: string, arn: string, reading: Reading): boolean {
  if (pattern === "*") return true;
  const segments = arnSegments(arn);
  const patterns = splitAtColons(symbols(pattern, reading));
  if (!segments || segments.length !== patterns.length) return false;
  return segments.every((segment, index) => fits(tokens(patterns[index] ?? [], reading), segment));
}

/** Replaces the variables in a text of a policy and keeps its wildcards. Returns undefined for an unknown variable. */
export function literal(text: string, reading: Reading): string | undefined {
  return tokens(symbols(text, reading), reading)
    ?.map((token) => (typeof token === "symbol" ? token.description : token))
    .join("");
}

/** Splits a text into characters; a variable counts as one. */
function symbols(text: string, { variables }: Reading): string[] {
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

/** Returns the parsed pattern; undefined if a variable has no value, and then nothing matches. */
function tokens(text: readonly string[], reading: Reading): Token[] | undefined {
  const found: Token[] = [];
  for (const symbol of text) {
    if (symbol === "*") found.push(ANY_TEXT);
    else if (symbol === "?") found.push(ANY_CHARACTER);
    else if (symbol.length > 2 && symbol.startsWith("${")) {
      const value = variableValue(symbol.slice(2, -1), reading.values);
      if (value === undefined) return undefined;
      found.push(...value);
    } else found.push(symbol);
  }
  return found;
}

/**
 * Returns the value of `key`, `key, 'default'`, or of `*`, `?` and `$`, which mean themselves.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
function variableValue(variable: string, values: ContextValues): string | undefined {
  if (["*", "?", "$"].includes(variable)) return variable;
  const [, key = "", fallback] = /^\s*([^,]*?)\s*(?:,\s*'(.*)'\s*)?$/s.exec(variable) ?? [];
  const found = values(key);
  // A key with several values cannot replace a variable.
  return found === undefined ? fallback : found.length === 1 ? found[0] : undefined;
}

/** Matches in time proportional to pattern length × text length, for every pattern. */
function fits(pattern: readonly Token[] | undefined, text: string): boolean {
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
