import { TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { throwIfAny } from "../options/validate-options";
import { AWS_LIMITS, type Limit } from "./aws-limits";
import { Placeholders, type ReferableBlocks } from "./placeholders";

/**
 * Makes synth reject names and documents in `scope` that AWS would reject at apply. Valid options can still lead to
 * them in combination, and so can code that uses the construct.
 */
export function validateAwsLimits(scope: Construct, region: string): void {
  scope.node.addValidation({
    validate: () => {
      // Throws, because CDKTF would print returned problems with a stack trace.
      throwIfAny(problemsOf(scope, region));
      return [];
    },
  });
}

function problemsOf(scope: Construct, region: string): string[] {
  const blocks = TerraformStack.of(scope).toTerraform() as ReferableBlocks;
  const placeholders = new Placeholders(blocks, region);
  const resources = scope.node.findAll().filter(TerraformResource.isTerraformResource);
  return Object.entries(AWS_LIMITS).flatMap(([type, limits]) => {
    const ofType = resources
      .filter(({ terraformResourceType }) => terraformResourceType === type)
      .map(({ friendlyUniqueId: name }) => [`${type}.${name}`, blocks.resource?.[type]?.[name]] as const);
    return Object.entries(limits).flatMap(([argument, limit]) => limitProblems(argument, limit, ofType, placeholders));
  });
}

function limitProblems(
  argument: string,
  { check, fix, groupBy }: Limit,
  resources: readonly (readonly [address: string, config: unknown])[],
  placeholders: Placeholders,
): string[] {
  const valuesByAddress = new Map<string, unknown[]>();
  for (const [address, config] of resources) {
    const value = valueAt(config, argument);
    if (value === undefined) continue;
    const key = groupBy === undefined ? address : referencedAddress(valueAt(config, groupBy));
    valuesByAddress.set(key, [...(valuesByAddress.get(key) ?? []), expand(value, placeholders)]);
  }
  return [...valuesByAddress].flatMap(([address, values]) =>
    check(groupBy === undefined ? values[0] : values).map((problem) => `${address}: ${argument} ${problem}. ${fix}`),
  );
}

/** Returns the address in a reference such as `${aws_iam_role.event_processor.id}`. */
function referencedAddress(value: unknown): string {
  return String(value).replace(/^\$\{(.*)\.\w+\}$/, "$1");
}

function valueAt(config: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], config);
}

function expand(value: unknown, placeholders: Placeholders): unknown {
  if (typeof value === "string") return placeholders.expand(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expand(each, placeholders)]));
}
