import { filterPolicyProblems as problemsForSns } from "@event-pipeline/sns-filter-policy/filter-policy";
import type { ConsumerOptions } from "./consumer";

/** What SNS would refuse of a consumer's filter policy. */
export function filterPolicyProblems({
  filterPolicy,
  filterPolicyScope,
}: Pick<ConsumerOptions, "filterPolicy" | "filterPolicyScope">): string[] {
  if (filterPolicy === undefined) return [];
  const problems = problemsForSns(filterPolicy, filterPolicyScope).map((problem) => `filterPolicy ${problem}`);
  // Read once SNS's rules are kept, so it nests no deeper than JSON.stringify goes.
  if (problems.length === 0 && JSON.stringify(filterPolicy).includes("TfToken[")) {
    problems.push("filterPolicy holds a token of CDKTF. Write out what it matches: SNS's rules are checked at synth.");
  }
  return problems;
}
