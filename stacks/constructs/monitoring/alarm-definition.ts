import type { pipelineNames } from "@event-pipeline/event-model/resource-names";
import type { Metric } from "./metric";

/** One alarm. It fires after one period of a minute, and missing data is well. */
export interface AlarmDefinition {
  /** Ends the alarm's name and its Terraform address. */
  readonly id: string;
  readonly metric: Metric;
  readonly comparison: "GreaterThanThreshold" | "GreaterThanOrEqualToThreshold";
  readonly threshold: number;
  /** What it means, and what to run first. */
  readonly description: string;
}

/** The command that shows what went wrong in a function, in both versions of the AWS CLI. */
export function readErrors(functionName: string): string {
  return `aws logs filter-log-events --log-group-name /aws/lambda/${functionName} --filter-pattern '?ERROR ?WARN ?"Task timed out"'`;
}

/**
 * What to run first, from a clone of the project: docs/operations.md goes on from there.
 *
 * @param then - What to run, or to look at, after that.
 */
export function firstRun({ pipeline }: ReturnType<typeof pipelineNames>, command: string, then?: string): string {
  return `First run: npx event-pipeline ${command} --name ${pipeline}${then === undefined ? "" : `; then: ${then}`}`;
}
