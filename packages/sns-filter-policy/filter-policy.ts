import { alternativesOf, branchesOf, OR, type PropertyConditions } from "./branches";
import { checkCondition } from "./condition";
import { isObject, nestsDeeper, shown } from "./json";
import type { FilterPolicyScope } from "./scope";
import { checkWildcards } from "./wildcard";

/** @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_POLICY_BYTES = 256 * 1024;
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;
/** Maximum number of steps in a name with dots. Deeper nesting exceeds the allowed combinations anyway. */
const MAX_DEPTH = MAX_COMBINATIONS;
/** Maximum depth of the JSON. `$or` adds two levels that combinations do not count. */
const MAX_LEVELS = 1_000;
/** Maximum number of properties in all alternatives together. Real policies have far fewer. */
const MAX_PROPERTIES_OF_WAYS = 10_000;

/** A filter policy that SNS would refuse, with every reason. */
export class FilterPolicyError extends Error {
  override readonly name = "FilterPolicyError";

  /** @param problems - Each a sentence without its subject, such as `has 6 keys. SNS allows 5.` */
  constructor(readonly problems: readonly string[]) {
    super(problems.map((problem) => `The filter policy ${problem}`).join(" "));
  }
}

/** A valid filter policy, ready for `matches`. */
export interface FilterPolicy {
  readonly scope: FilterPolicyScope;
  /** A message matches if it satisfies all conditions of one branch. `{}` has no branches and filters nothing. */
  readonly branches: readonly PropertyConditions[];
}

/**
 * Parses a filter policy from the value of its JSON.
 *
 * @throws FilterPolicyError with every reason for which SNS would refuse it.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 * @example
 * parseFilterPolicy({ severity: ["high", { prefix: "crit" }] }, "MessageBody");
 */
export function parseFilterPolicy(policy: unknown, scope: FilterPolicyScope): FilterPolicy {
  const problems = filterPolicyProblems(policy, scope);
  if (problems.length > 0) throw new FilterPolicyError(problems);
  return { scope, branches: branchesOf(policy as object) };
}

/**
 * Parses the attribute `FilterPolicy` of a subscription.
 *
 * @throws FilterPolicyError for the reasons of `parseFilterPolicy`, and if the text is not JSON or longer than 256 KiB.
 */
export function parseFilterPolicyJson(json: string, scope: FilterPolicyScope): FilterPolicy {
  const bytes = new TextEncoder().encode(json).length;
  if (bytes > MAX_POLICY_BYTES) throw new FilterPolicyError([`has ${bytes} bytes. SNS allows ${MAX_POLICY_BYTES}.`]);
  let policy: unknown;
  try {
    policy = JSON.parse(json);
  } catch (error) {
    throw new FilterPolicyError([`is not JSON: ${(error as Error).message}.`]);
  }
  return parseFilterPolicy(policy, scope);
}

/**
 * Returns every reason for which SNS would refuse a filter policy, as sentences without their subject; none for `{}`, which
 * filters nothing.
 */
export function filterPolicyProblems(policy: unknown, scope: FilterPolicyScope): string[] {
  if (nestsDeeper(policy, MAX_LEVELS)) return [`nests deeper than ${MAX_LEVELS} levels, which is too complex for SNS.`];
  if (!isObject(policy)) return [`must be a map of lists, such as {"severity": ["high"]}, not ${shown(policy)}.`];
  const keys = Object.keys(policy).length;
  const lists: (readonly unknown[])[] = [];
  const problems = [...propertyProblems(policy, [], scope, lists)];
  if (problems.length > 0) return problems;
  const { combinations, properties } = sizeOf(policy, 1);
  if (keys > MAX_KEYS) {
    problems.push(`has ${keys} keys. SNS allows ${MAX_KEYS}; with the scope MessageBody, nested keys do not count.`);
  }
  if (combinations > MAX_COMBINATIONS) {
    problems.push(
      `has ${combinations} combinations (the product of its lists' lengths, each times its depth). SNS allows ${MAX_COMBINATIONS}.`,
    );
  } else if (properties > MAX_PROPERTIES_OF_WAYS) {
    problems.push(
      `has more than ${MAX_PROPERTIES_OF_WAYS} properties in all alternatives of its $or, which is too complex.`,
    );
  }
  return [...problems, ...checkWildcards(lists)];
}

/** Yields the problems of a policy's properties. Adds the policy's lists of conditions to `lists`. */
function* propertyProblems(
  policy: object,
  parents: readonly string[],
  scope: FilterPolicyScope,
  lists: (readonly unknown[])[],
): Generator<string, void, void> {
  for (const [key, value] of Object.entries(policy)) {
    const alternatives = alternativesOf(key, value);
    for (const alternative of alternatives ?? []) yield* propertyProblems(alternative, parents, scope, lists);
    if (alternatives) continue;
    const path = [...parents, key];
    const name = path.join(".");
    const place = `at ${shown(name)}`;
    if (path.length > MAX_DEPTH || name.split(".").length > MAX_DEPTH) {
      yield `nests ${place} deeper than ${MAX_DEPTH} steps, which is too complex for SNS.`;
    } else if (Array.isArray(value)) {
      lists.push(value);
      yield* listProblems(place, key, value);
    } else if (!isObject(value)) {
      yield `has ${place} ${shown(value)}; SNS takes a list there, such as [${shown(value)}].`;
    } else if (scope === "MessageAttributes") {
      yield `nests under ${name}, and its scope is MessageAttributes. Attributes are flat: give each a list, or set the scope MessageBody.`;
    } else if (Object.keys(value).length === 0) {
      yield `has ${place} an empty object; SNS takes a list of values to match, or properties with such lists.`;
    } else {
      yield* propertyProblems(value, path, scope, lists);
    }
  }
}

function* listProblems(place: string, key: string, list: readonly unknown[]): Generator<string, void, void> {
  if (list.length === 0) yield `has ${place} an empty list, which matches nothing.`;
  for (const condition of list) {
    const problem = checkCondition(condition);
    if (problem === undefined) continue;
    const hint = " $or is an operator only with two objects or more, none of which uses an operator's name.";
    yield `has ${place} ${shown(condition)}; ${problem}.${key === OR ? hint : ""}`;
  }
}

interface PolicySize {
  /** Number of alternatives, and of the properties in all of them. */
  readonly ways: number;
  readonly properties: number;
  /** SNS's count: the product of the lists' lengths, each times its depth. The alternatives of a `$or` are added up. */
  readonly combinations: number;
}

function sizeOf(policy: object, depth: number): PolicySize {
  const start: PolicySize = { ways: 1, properties: 0, combinations: 1 };
  return Object.entries(policy).reduce((soFar, [key, value]) => {
    const { ways, properties, combinations } = sizeOfProperty(key, value, depth);
    return {
      ways: soFar.ways * ways,
      properties: soFar.properties * ways + properties * soFar.ways,
      combinations: soFar.combinations * combinations,
    };
  }, start);
}

function sizeOfProperty(key: string, value: unknown, depth: number): PolicySize {
  const alternatives = alternativesOf(key, value)?.map((alternative) => sizeOf(alternative, depth));
  if (!alternatives) {
    if (Array.isArray(value)) return { ways: 1, properties: 1, combinations: value.length * depth };
    return sizeOf(value as object, depth + 1);
  }
  const sum = (name: keyof PolicySize) => alternatives.reduce((total, size) => total + size[name], 0);
  return { ways: sum("ways"), properties: sum("properties"), combinations: sum("combinations") };
}
