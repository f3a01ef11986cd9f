import { arnSegments } from "./arn";
import type { ContextValues } from "./context-values";

const ANY_TEXT = Symbol("*");
const ANY_CHARACTER = Symbol("?");

type Token = string | typeof ANY_TEXT | typeof ANY_CHARACTER;

/** How the texts of a policy are read. */
export interface Reading {
  /** Whether `${…}` stands for the value of a condition key. */
  readonly variables: boolean;
  readonly values: ContextValues;
}

/** Whether a pattern with `*` (any text) and `?` (any one character) matches a whole text. */
export function matches(pattern: string, text: string, reading: Reading): boolean {
  return fits(tokens(symbols(pattern, reading), reading), text);
}

/**
 * Whether a pattern matches an ARN. Each of the six segments is matched on its own: a wildcard does not reach across the
 * colon of a segment, except in the last.
 */
export function matchesArn(pattern: string, arn: string, reading: Reading): boolean {
  if (pattern === "*") return true;
  const segments = arnSegments(arn);
  const patterns = splitAtColons(symbols(pattern, reading));
  if (!segments || segments.length !== patterns.length) return false;
  return segments.every((segment, index) => fits(tokens(patterns[index] ?? [], reading), segment));
}

/** A text of a policy with its variables replaced and its wildcards as they stand; undefined for an unknown variable. */
export function literal(text: string, reading: Reading): string | undefined {
  return tokens(symbols(text, reading), reading)
    ?.map((token) => (typeof token === "symbol" ? token.description : token))
    .join("");
}

/** The characters of a text, each variable as one of them. */
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

/** Undefined when a variable has no value: then nothing matches. */
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
 * The value of `key`, of `key, 'default'`, or of `*`, `?` and `$`, which stand for themselves.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
function variableValue(variable: string, values: ContextValues): string | undefined {
  if (["*", "?", "$"].includes(variable)) return variable;
  const [, key = "", fallback] = /^\s*([^,]*?)\s*(?:,\s*'(.*)'\s*)?$/s.exec(variable) ?? [];
  const found = values(key);
  // A key with several values is no text.
  return found === undefined ? fallback : found.length === 1 ? found[0] : undefined;
}

/** In time that grows with pattern times text, whatever the pattern. */
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
