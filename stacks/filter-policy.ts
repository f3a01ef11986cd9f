import { filterPolicyProblems as problemsForSns } from "../sns/filter-policy";
import type { PipelineOptions } from "./options";

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
  return problemsForSns(policy, scope).map((problem) => `${place} ${problem}`);
}

function isList(values: readonly unknown[]): boolean {
  return values.length > 0 && values.every((value) => !Array.isArray(value));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
