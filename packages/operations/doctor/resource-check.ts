import type { Config } from "@event-pipeline/terraform-json/synthesized-stack";
import type { Pipeline } from "../pipeline";

/** A setting of a resource: its value in the stack, and in AWS. */
export interface Setting {
  readonly name: string;
  readonly expected: unknown;
  /** Value in AWS; undefined if AWS does not return it. */
  readonly actual: unknown;
  /** @default - deploying sets it to the value in the stack */
  readonly fix?: string;
}

/** Reads a resource from AWS. Throws AWS's error if the resource does not exist. */
export interface ResourceCheck {
  readonly name: (config: Config) => string;
  readonly settings: (config: Config, pipeline: Pipeline) => Promise<Setting[]>;
}

/** Returns the name in an ARN, a URL or a name. References of the stack resolve to names. */
export function nameIn(text: string | undefined): string | undefined {
  return text?.split(/[:/]/).at(-1);
}

/** Returns a policy with names instead of ARNs; undefined if there is no policy. */
export function policyNames(json: string | undefined): unknown {
  if (!json) return undefined;
  const names = (value: unknown): unknown => {
    if (typeof value === "string") return value.startsWith("arn:") ? nameIn(value) : value;
    if (Array.isArray(value)) return value.map(names);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, names(each)]));
  };
  return names(JSON.parse(json));
}

export function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** Formats JSON with sorted keys, and with numbers as texts, because AWS returns either. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === "number" || typeof each === "boolean") return String(each);
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
