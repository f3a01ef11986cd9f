import type { Config } from "@event-pipeline/terraform-json/synthesized-stack";
import type { Pipeline } from "../pipeline";

/** A resource's setting, with its value in the stack and its value in AWS. */
export interface Setting {
  readonly name: string;
  readonly expected: unknown;
  /** The value in AWS; undefined if AWS did not return it. */
  readonly actual: unknown;
  /** The command or action to take if the values differ. @default - deploy */
  readonly fix?: string;
}

/** Compares one type of resource. `settings` throws the error from AWS when the resource does not exist. */
export interface ResourceCheck {
  readonly name: (config: Config) => string;
  readonly settings: (config: Config, pipeline: Pipeline) => Promise<Setting[]>;
}

/** Returns the last part of an ARN or a URL, which is the resource's name. References in the stack are resolved to names too. */
export function nameIn(text: string | undefined): string | undefined {
  return text?.split(/[:/]/).at(-1);
}

/** Parses a policy and replaces ARNs with names; undefined if there is no policy. */
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

/** Formats JSON with sorted keys. Numbers and booleans become strings, because AWS returns either. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === "number" || typeof each === "boolean") return String(each);
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
