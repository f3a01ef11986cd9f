import { TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { InvalidOptionsError } from "../options/invalid-options-error";
import { AWS_LIMITS, type Limit } from "./aws-limits";
import { type StackJson, StandIns } from "./stand-ins";

/**
 * Has synth refuse what AWS would refuse at apply of the names and documents that `scope` makes: those that are made of
 * several options, or of what code adds.
 */
export function validateAwsLimits(scope: Construct, region: string): void {
  scope.node.addValidation({
    validate: () => {
      const problems = problemsOf(scope, region);
      // Not as one of CDKTF's validations, which end in a stack trace.
      if (problems.length > 0) throw new InvalidOptionsError(problems);
      return [];
    },
  });
}

function problemsOf(scope: Construct, region: string): string[] {
  const json = TerraformStack.of(scope).toTerraform() as StackJson;
  const standIns = new StandIns(json, region);
  const resources = scope.node.findAll().filter(TerraformResource.isTerraformResource);
  return Object.entries(AWS_LIMITS).flatMap(([type, limits]) => {
    const ofType = resources
      .filter(({ terraformResourceType }) => terraformResourceType === type)
      .map(({ friendlyUniqueId: name }) => [`${type}.${name}`, json.resource?.[type]?.[name]] as const);
    return Object.entries(limits).flatMap(([argument, limit]) => problemsWith(argument, limit, ofType, standIns));
  });
}

function problemsWith(
  argument: string,
  { rule, fix, together }: Limit,
  resources: readonly (readonly [address: string, config: unknown])[],
  standIns: StandIns,
): string[] {
  const values = new Map<string, unknown[]>();
  for (const [address, config] of resources) {
    const value = at(config, argument);
    if (value === undefined) continue;
    const key = together === undefined ? address : referred(at(config, together));
    values.set(key, [...(values.get(key) ?? []), expanded(value, standIns)]);
  }
  return [...values].flatMap(([key, each]) =>
    rule(together === undefined ? each[0] : each).map((problem) => `${key}: ${argument} ${problem}. ${fix}`),
  );
}

/** The address in a reference such as `${aws_iam_role.event_processor.id}`. */
function referred(value: unknown): string {
  return String(value).replace(/^\$\{(.*)\.\w+\}$/, "$1");
}

function at(config: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], config);
}

function expanded(value: unknown, standIns: StandIns): unknown {
  if (typeof value === "string") return standIns.expand(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expanded(each, standIns)]));
}
