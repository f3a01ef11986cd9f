import { alternativesOf, branchesOf, OR, type PropertyConditions } from "./branches";
import { checkCondition } from "./condition";
import { formatValue, isObject, nestsDeeper } from "./json";
import type { FilterPolicyScope } from "./scope";
import { checkWildcards } from "./wildcard";

/** @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_POLICY_BYTES = 256 * 1024;
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;
/** Maximum number of parts in a name with dots. Deeper nesting would exceed `MAX_COMBINATIONS` in any case. */
const MAX_DEPTH = MAX_COMBINATIONS;
/** Maximum depth of the JSON. Each `$or` adds two levels that do not count as combinations. */
const MAX_LEVELS = 1_000;
/** Maximum total number of properties in all alternatives. Real policies have far fewer. */
const MAX_EXPANDED_PROPERTIES = 10_000;

/** Thrown for a filter policy that SNS would reject, with every reason. */
export class FilterPolicyError extends Error {
  override readonly name = "FilterPolicyError";

  /** @param problems - Ends of sentences that begin with "The filter policy", such as `has 6 keys. SNS allows 5.` */
  constructor(readonly problems: readonly string[]) {
    super(problems.map((problem) => `The filter policy ${problem}`).join(" "));
  }
}

/** A valid filter policy, ready for `matches`. */
export interface FilterPolicy {
  readonly scope: FilterPolicyScope;
  /** A message matches if it satisfies all conditions of one branch. `{}` has no branches and matches every message. */
  readonly branches: readonly PropertyConditions[];
}

/**
 * Parses a filter policy from its JSON value.
 *
 * @throws FilterPolicyError with every reason why SNS would reject the policy.
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
 * Parses a subscription's attribute `FilterPolicy`.
 *
 * @throws FilterPolicyError as `parseFilterPolicy` does, and if the text is not JSON or is longer than 256 KiB.
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
 * Returns every reason why SNS would reject a filter policy, as ends of sentences that begin with "The filter policy".
 * Returns none for `{}`, which matches every message.
 */
export function filterPolicyProblems(policy: unknown, scope: FilterPolicyScope): string[] {
  if (nestsDeeper(policy, MAX_LEVELS)) return [`nests deeper than ${MAX_LEVELS} levels, which is too complex for SNS.`];
  if (!isObject(policy))
    return [`must be an object with lists, such as {"severity": ["high"]}, not ${formatValue(policy)}.`];
  const keys = Object.keys(policy).length;
  const lists: (readonly unknown[])[] = [];
  const problems = [...propertyProblems(policy, [], scope, lists)];
  if (problems.length > 0) return problems;
  const { combinations, properties } = sizeOf(policy, 1);
  if (keys > MAX_KEYS) {
    problems.push(`has ${keys} keys. SNS allows ${MAX_KEYS}. With the scope MessageBody, nested keys do not count.`);
  }
  if (combinations > MAX_COMBINATIONS) {
    problems.push(
      `has ${combinations} combinations (each list's length times its depth, multiplied together). SNS allows ${MAX_COMBINATIONS}.`,
    );
  } else if (properties > MAX_EXPANDED_PROPERTIES) {
    problems.push(
      `has more than ${MAX_EXPANDED_PROPERTIES} properties in all alternatives of its $or together, which is too complex.`,
    );
  }
  return [...problems, ...checkWildcards(lists)];
}

/** Yields the problems with a policy's properties, and adds each of its lists to `lists`. */
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
    const place = `at ${formatValue(name)}`;
    if (path.length > MAX_DEPTH || name.split(".").length > MAX_DEPTH) {
      yield `nests deeper than ${MAX_DEPTH} levels ${place}, which is too complex for SNS.`;
    } else if (Array.isArray(value)) {
      lists.push(value);
      yield* listProblems(place, key, value);
    } else if (!isObject(value)) {
      yield `has ${formatValue(value)} ${place}. SNS requires a list here, such as [${formatValue(value)}].`;
    } else if (scope === "MessageAttributes") {
      yield `has a nested object ${place}, but its scope is MessageAttributes, and attributes have no nested properties. Use a list, or set the scope MessageBody.`;
    } else if (Object.keys(value).length === 0) {
      yield `has an empty object ${place}. SNS requires a list of values to match, or properties with such lists.`;
    } else {
      yield* propertyProblems(value, path, scope, lists);
    }
  }
}

function* listProblems(place: string, key: string, list: readonly unknown[]): Generator<string, void, void> {
  if (list.length === 0) yield `has an empty list ${place}, which matches nothing.`;
  for (const condition of list) {
    const problem = checkCondition(condition);
    if (problem === undefined) continue;
    const hint = " $or is an operator only with two or more objects without operators.";
    yield `has ${formatValue(condition)} ${place}: ${problem}.${key === OR ? hint : ""}`;
  }
}

interface PolicySize {
  /** Number of alternatives, and total number of properties in them. */
  readonly alternatives: number;
  readonly properties: number;
  /** SNS's count: the product of each list's length times its depth. A `$or` is the sum of its alternatives' counts. */
  readonly combinations: number;
}

function sizeOf(policy: object, depth: number): PolicySize {
  const start: PolicySize = { alternatives: 1, properties: 0, combinations: 1 };
  return Object.entries(policy).reduce((soFar, [key, value]) => {
    const { alternatives, properties, combinations } = sizeOfProperty(key, value, depth);
    return {
      alternatives: soFar.alternatives * alternatives,
      properties: soFar.properties * alternatives + properties * soFar.alternatives,
      combinations: soFar.combinations * combinations,
    };
  }, start);
}

function sizeOfProperty(key: string, value: unknown, depth: number): PolicySize {
  const alternatives = alternativesOf(key, value)?.map((alternative) => sizeOf(alternative, depth));
  if (!alternatives) {
    if (Array.isArray(value)) return { alternatives: 1, properties: 1, combinations: value.length * depth };
    return sizeOf(value as object, depth + 1);
  }
  const sum = (name: keyof PolicySize) => alternatives.reduce((total, size) => total + size[name], 0);
  return { alternatives: sum("alternatives"), properties: sum("properties"), combinations: sum("combinations") };
}
