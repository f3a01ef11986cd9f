import { problemsOf } from "./check";
import type { PipelineOptions } from "./options";

/** @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

/** Objects may nest for the scope MessageBody; in the end there are lists of values and operators. */
export function isFilterPolicy(value: unknown): boolean {
  if (!isObject(value)) return false;
  const conditions = Object.values(value);
  return (
    conditions.length > 0 && conditions.every((each) => (Array.isArray(each) ? isList(each) : isFilterPolicy(each)))
  );
}

/**
 * What SNS would refuse of a filter policy that is one.
 *
 * @param place - The option's name, such as `subscribers.alerts.filterPolicy`.
 */
export function filterPolicyProblems(
  place: string,
  policy: NonNullable<PipelineOptions["filterPolicy"]>,
  scope: PipelineOptions["filterPolicyScope"],
): string[] {
  const nested = Object.keys(policy).filter((key) => !Array.isArray(policy[key]));
  const keys = Object.keys(policy).length;
  const combinations = combinationsOf(policy);
  return problemsOf([
    {
      broken: scope === "MessageAttributes" && nested.length > 0,
      problem: `${place} nests under ${nested.join(", ")}, and its scope is MessageAttributes. Attributes are flat: give each a list, or set filterPolicyScope to MessageBody.`,
    },
    {
      broken: keys > MAX_KEYS,
      problem: `${place} has ${keys} keys. SNS allows ${MAX_KEYS}; with the scope MessageBody nested ones do not count.`,
    },
    {
      broken: combinations > MAX_COMBINATIONS,
      problem: `${place} has ${combinations} combinations, the lengths of its lists multiplied. SNS allows ${MAX_COMBINATIONS}.`,
    },
  ]);
}

function isList(values: readonly unknown[]): boolean {
  return values.length > 0 && values.every((value) => !Array.isArray(value));
}

function combinationsOf(policy: object): number {
  return Object.values(policy).reduce<number>(
    (product, each) => product * (Array.isArray(each) ? each.length : combinationsOf(each)),
    1,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
