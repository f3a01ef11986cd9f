import { isObject } from "./json";
import { parseWildcard } from "./wildcard";

const MAX_POINTS = 100;
/** Points for each asterisk of a pattern with several. A pattern with one asterisk has one point. */
const POINTS_OF_ONE_OF_SEVERAL = 3;

/**
 * Checks SNS's limit on wildcards. The points of a property are the sum of its patterns' points, times the number of its
 * patterns.
 *
 * @param lists - The lists of conditions in the policy.
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
export function checkWildcards(lists: readonly (readonly unknown[])[]): string[] {
  const points = lists.reduce((sum, list) => sum + pointsOf(list.flatMap(patternsOf)), 0);
  return points > MAX_POINTS
    ? [`has ${points} points for its wildcards. SNS allows ${MAX_POINTS}; use fewer patterns for each property.`]
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
    return wildcards > 1 ? wildcards * POINTS_OF_ONE_OF_SEVERAL : wildcards;
  });
  return points.reduce((sum, each) => sum + each, 0) * patterns.length;
}
