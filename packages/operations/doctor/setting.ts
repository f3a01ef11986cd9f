import type { Config } from "@event-pipeline/terraform-json/stack-json";
import type { Pipeline } from "../pipeline";

/** One thing that the stack says of a resource, and what is there. */
export interface Setting {
  readonly name: string;
  readonly expected: unknown;
  /** Undefined where nobody says. */
  readonly actual: unknown;
  /** @default - deploying sets it to what the stack says */
  readonly fix?: string;
}

/** Asks AWS about a resource. Throws what AWS answers where it is not there. */
export interface Examination {
  readonly name: (config: Config) => string;
  readonly settings: (config: Config, pipeline: Pipeline) => Promise<Setting[]>;
}

/** Of an ARN, a URL or a name, the name: what references of the stack are resolved to. */
export function nameIn(text: string | undefined): string | undefined {
  return text?.split(/[:/]/).at(-1);
}

/** A policy's JSON with names in place of ARNs; undefined where there is none. */
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

/** JSON in which numbers are their texts, for AWS has them as either, and keys are in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === "number" || typeof each === "boolean") return String(each);
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
