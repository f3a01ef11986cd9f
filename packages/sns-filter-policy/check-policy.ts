import { sizeOf } from "./branches";
import { checkCondition } from "./check-condition";
import { isObject, nestsDeeper, shown } from "./json";
import { alternativesOf, OR } from "./or-operator";
import type { FilterPolicyScope } from "./scope";
import { checkWildcards } from "./wildcard-limits";

/** @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;
/** Steps in a name with dots; one that nests as deep has more combinations than there may be. */
const MAX_DEPTH = MAX_COMBINATIONS;
/** Levels of JSON, of which `$or` has two that combinations do not count. */
const MAX_LEVELS = 1_000;
/** What all the ways through a policy's `$or`s may ask for together: no policy in earnest comes near. */
const MAX_PROPERTIES_OF_WAYS = 10_000;

/** Every reason for which SNS would refuse the policy, as `FilterPolicyError` has them; none for `{}`, which filters nothing. */
export function checkPolicy(policy: unknown, scope: FilterPolicyScope): string[] {
  if (nestsDeeper(policy, MAX_LEVELS)) return [`nests deeper than ${MAX_LEVELS} levels, which is too complex for SNS.`];
  if (!isObject(policy)) return [`is no map of lists, such as {"severity": ["high"]}, but ${shown(policy)}.`];
  const keys = Object.keys(policy).length;
  const check = new PolicyCheck(scope);
  check.properties(policy, []);
  if (check.problems.length > 0) return check.problems;
  const combinations = combinationsOf(policy, 1);
  return [
    ...(keys > MAX_KEYS
      ? [`has ${keys} keys. SNS allows ${MAX_KEYS}; with the scope MessageBody nested ones do not count.`]
      : []),
    ...(combinations > MAX_COMBINATIONS
      ? [
          `has ${combinations} combinations, the lengths of its lists multiplied, each times how deep it is nested. SNS allows ${MAX_COMBINATIONS}.`,
        ]
      : []),
    ...(combinations <= MAX_COMBINATIONS && sizeOf(policy).properties > MAX_PROPERTIES_OF_WAYS
      ? [
          `asks for more than ${MAX_PROPERTIES_OF_WAYS} properties in all the ways through its $or, which is too complex.`,
        ]
      : []),
    ...checkWildcards(check.lists),
  ];
}

/** What is wrong with the properties of a policy. */
class PolicyCheck {
  readonly problems: string[] = [];
  /** The lists of conditions that there are. */
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
        `has ${place} an empty object; SNS takes a list of what to match, or properties with such lists.`,
      );
    } else {
      this.properties(value, path);
    }
  }

  private list(place: string, path: readonly string[], list: readonly unknown[]): void {
    if (list.length === 0) this.problems.push(`has ${place} an empty list, which nothing could match.`);
    for (const condition of list) {
      const problem = checkCondition(condition);
      if (problem === undefined) continue;
      const hint =
        path.at(-1) === OR ? " $or is an operator only with two objects or more that use no operator's name." : "";
      this.problems.push(`has ${place} ${shown(condition)}; ${problem}.${hint}`);
    }
  }
}

/** As SNS counts: the lengths of the lists multiplied, each times how deep it is nested; those of a `$or` added up. */
function combinationsOf(policy: object, depth: number): number {
  return Object.entries(policy).reduce<number>((product, [key, value]) => {
    const alternatives = alternativesOf(key, value);
    if (alternatives) return product * alternatives.reduce((sum, each) => sum + combinationsOf(each, depth), 0);
    return product * (Array.isArray(value) ? value.length * depth : combinationsOf(value, depth + 1));
  }, 1);
}
