import { alternativesOf, OR, sizeOf } from "./branches";
import { checkCondition } from "./check-condition";
import { isObject, nestsDeeper, shown } from "./json";
import type { FilterPolicyScope } from "./scope";
import { checkWildcards } from "./wildcard";

/** @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;
/** Maximum number of steps in a name with dots. Deeper nesting exceeds the allowed combinations anyway. */
const MAX_DEPTH = MAX_COMBINATIONS;
/** Maximum depth of the JSON. `$or` adds two levels that combinations do not count. */
const MAX_LEVELS = 1_000;
/** Maximum number of properties in all alternatives together. Real policies have far fewer. */
const MAX_PROPERTIES_OF_WAYS = 10_000;

/** Returns every reason for which SNS would refuse the policy, without its subject; none for `{}`, which filters nothing. */
export function checkPolicy(policy: unknown, scope: FilterPolicyScope): string[] {
  if (nestsDeeper(policy, MAX_LEVELS)) return [`nests deeper than ${MAX_LEVELS} levels, which is too complex for SNS.`];
  if (!isObject(policy)) return [`must be a map of lists, such as {"severity": ["high"]}, not ${shown(policy)}.`];
  const keys = Object.keys(policy).length;
  const check = new PolicyCheck(scope);
  check.properties(policy, []);
  if (check.problems.length > 0) return check.problems;
  const combinations = combinationsOf(policy, 1);
  return [
    ...(keys > MAX_KEYS
      ? [`has ${keys} keys. SNS allows ${MAX_KEYS}; with the scope MessageBody, nested keys do not count.`]
      : []),
    ...(combinations > MAX_COMBINATIONS
      ? [
          `has ${combinations} combinations (the product of its lists' lengths, each times its depth). SNS allows ${MAX_COMBINATIONS}.`,
        ]
      : []),
    ...(combinations <= MAX_COMBINATIONS && sizeOf(policy).properties > MAX_PROPERTIES_OF_WAYS
      ? [`has more than ${MAX_PROPERTIES_OF_WAYS} properties in all alternatives of its $or, which is too complex.`]
      : []),
    ...checkWildcards(check.lists),
  ];
}

/** Collects problems of the properties of a policy. */
class PolicyCheck {
  readonly problems: string[] = [];
  /** All lists of conditions in the policy. */
  readonly lists: (readonly unknown[])[] = [];

  constructor(private readonly scope: FilterPolicyScope) {}

  properties(policy: object, parents: readonly string[]): void {
    for (const [key, value] of Object.entries(policy)) {
      const alternatives = alternativesOf(key, value);
      if (alternatives) for (const alternative of alternatives) this.properties(alternative, parents);
      else this.property([...parents, key], value);
    }
  }

  private property(path: readonly string[], value: unknown): void {
    const name = path.join(".");
    const place = `at ${shown(name)}`;
    if (path.length > MAX_DEPTH || name.split(".").length > MAX_DEPTH) {
      this.problems.push(`nests ${place} deeper than ${MAX_DEPTH} steps, which is too complex for SNS.`);
    } else if (Array.isArray(value)) {
      this.lists.push(value);
      this.list(place, path, value);
    } else if (!isObject(value)) {
      this.problems.push(`has ${place} ${shown(value)}; SNS takes a list there, such as [${shown(value)}].`);
    } else if (this.scope === "MessageAttributes") {
      this.problems.push(
        `nests under ${name}, and its scope is MessageAttributes. Attributes are flat: give each a list, or set the scope MessageBody.`,
      );
    } else if (Object.keys(value).length === 0) {
      this.problems.push(
        `has ${place} an empty object; SNS takes a list of values to match, or properties with such lists.`,
      );
    } else {
      this.properties(value, path);
    }
  }

  private list(place: string, path: readonly string[], list: readonly unknown[]): void {
    if (list.length === 0) this.problems.push(`has ${place} an empty list, which matches nothing.`);
    for (const condition of list) {
      const problem = checkCondition(condition);
      if (problem === undefined) continue;
      const hint =
        path.at(-1) === OR
          ? " $or is an operator only with two objects or more, none of which uses an operator's name."
          : "";
      this.problems.push(`has ${place} ${shown(condition)}; ${problem}.${hint}`);
    }
  }
}

/** Counts as SNS does: multiplies the lengths of the lists, each times its depth, and adds up the alternatives of a `$or`. */
function combinationsOf(policy: object, depth: number): number {
  return Object.entries(policy).reduce<number>((product, [key, value]) => {
    const alternatives = alternativesOf(key, value);
    if (alternatives) return product * alternatives.reduce((sum, each) => sum + combinationsOf(each, depth), 0);
    return product * (Array.isArray(value) ? value.length * depth : combinationsOf(value, depth + 1));
  }, 1);
}
