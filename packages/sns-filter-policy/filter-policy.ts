import { type Branch, branchesOf } from "./branches";
import { checkPolicy } from "./check-policy";
import type { FilterPolicyScope } from "./scope";

/** @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_POLICY_BYTES = 256 * 1024;

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
  /** A message matches if it satisfies one branch. `{}` has no branches and filters nothing. */
  readonly branches: readonly Branch[];
}

/** Returns every reason for which SNS would refuse a filter policy, as sentences without their subject. */
export function filterPolicyProblems(policy: unknown, scope: FilterPolicyScope): string[] {
  return checkPolicy(policy, scope);
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
  const problems = checkPolicy(policy, scope);
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
