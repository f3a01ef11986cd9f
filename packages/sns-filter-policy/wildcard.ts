import { isObject } from "./json";

const MAX_WILDCARDS = 3;

/** A pattern's texts before, between and after the asterisks. */
type Wildcard = readonly string[];

/**
 * Parses a pattern in which `*` matches any text, and `\*` and `\\` match an asterisk and a backslash.
 *
 * @throws SyntaxError whose message completes a sentence that begins with "the pattern".
 * @see https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html
 */
export function parseWildcard(pattern: string): Wildcard {
  const parts = [""];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (character === "*") {
      if (parts.length > 1 && parts.at(-1) === "") throw new SyntaxError("has two * in a row");
      parts.push("");
      continue;
    }
    if (character === "\\") index += 1;
    const literal = pattern.charAt(index);
    if (character === "\\" && literal !== "*" && literal !== "\\") {
      throw new SyntaxError("has a \\ that is followed by neither * nor \\");
    }
    parts[parts.length - 1] += literal;
  }
  return parts;
}

/** Returns why SNS would reject a pattern; undefined if SNS accepts it. */
export function checkWildcard(pattern: string): string | undefined {
  try {
    const wildcards = parseWildcard(pattern).length - 1;
    return wildcards > MAX_WILDCARDS ? `the pattern has ${wildcards} *; SNS allows ${MAX_WILDCARDS}` : undefined;
  } catch (error) {
    return `the pattern ${(error as Error).message}`;
  }
}

/** Returns whether a text matches. Does not backtrack: searches for each part once, after the previous part. */
export function matchesWildcard(wildcard: Wildcard, text: string): boolean {
  const [first = "", ...others] = wildcard;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of others) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

const MAX_POINTS = 100;
/** Points for each asterisk in a pattern with several. A pattern with only one asterisk has one point. */
const POINTS_PER_WILDCARD = 3;

/**
 * Checks SNS's limit on wildcards. A property's points are the sum of its patterns' points, times the number of
 * patterns.
 *
 * @param lists - All lists of conditions in the policy.
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
export function checkWildcards(lists: readonly (readonly unknown[])[]): string[] {
  const points = lists.reduce((sum, list) => sum + pointsOf(list.flatMap(patternsOf)), 0);
  return points > MAX_POINTS
    ? [`has ${points} wildcard points. SNS allows ${MAX_POINTS}. Use fewer patterns with wildcards for each property.`]
    : [];
}

function patternsOf(condition: unknown): string[] {
  if (!isObject(condition)) return [];
  const { wildcard } = isObject(condition["anything-but"]) ? condition["anything-but"] : condition;
  return typeof wildcard === "string" ? [wildcard] : [];
}

function pointsOf(patterns: readonly string[]): number {
  const points = patterns.map((pattern) => {
    const wildcards = parseWildcard(pattern).length - 1;
    return wildcards > 1 ? wildcards * POINTS_PER_WILDCARD : wildcards;
  });
  return points.reduce((sum, each) => sum + each, 0) * patterns.length;
}
