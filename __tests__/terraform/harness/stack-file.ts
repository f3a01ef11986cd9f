import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Config = Readonly<Record<string, unknown>>;
export type Blocks = Readonly<Record<string, Readonly<Record<string, Config>>>>;

export type RequiredProviders = Readonly<Record<string, { readonly source: string; readonly version?: string }>>;

/** The parts of Terraform's JSON that the harness reads. */
export interface StackFile {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly removed?: readonly Config[];
  readonly variable?: Readonly<Record<string, Config>>;
  readonly provider?: Readonly<Record<string, readonly Config[]>>;
  readonly terraform?: {
    readonly required_providers?: RequiredProviders;
    readonly backend?: Readonly<Record<string, Config>>;
  };
}

export const STACK_FILE = "cdk.tf.json";

export function readStack(folder: string): StackFile {
  return JSON.parse(readFileSync(join(folder, STACK_FILE), "utf8")) as StackFile;
}

/** Returns the address of every resource, such as `aws_sqs_queue.events`. */
export function addressesOf({ resource = {} }: StackFile): string[] {
  return Object.entries(resource).flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`));
}

/** Returns the stack's settings, providers and variables, without resources. */
export function withoutResources({ terraform = {}, provider = {}, variable = {} }: StackFile): StackFile {
  return { terraform, provider, variable };
}

/** Applies `change` to every string in `value`, at any depth. */
export function mapText<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((element) => mapText(element, change)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapText(inner, change)])) as T;
}
