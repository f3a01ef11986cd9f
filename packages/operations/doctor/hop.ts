import { type AwsRequest, FAILED_REQUEST, isMissing, isUnsupported, toOperationError } from "../aws-errors";
import { PermissionError } from "../errors";
import type { Pipeline } from "../pipeline";
import { areCredentialsRefused } from "../reading";
import type { Deployed } from "./deployed";
import type { Place, Resource, Stack } from "./stack";

/** A reason why an event may not pass a hop. */
export interface Finding {
  /** `unknown`: it could not be read. `not emulated`: the endpoint does not have it, so there is nothing to see. */
  readonly what: "missing" | "wrong" | "unknown" | "not emulated";
  /** The difference, as a sentence. */
  readonly message: string;
  /** Lines of which each is a sentence, or a command that works when it is pasted, after words such as `Then: `. */
  readonly fix?: string;
}

/** One hop of an event. The event passes if there are no findings. */
export interface Hop {
  /** The kind of the hop, such as `queue policy`. */
  readonly hop: string;
  /** The Terraform address, such as `aws_sqs_queue.events`. */
  readonly address: string;
  /** The resource's name in AWS. */
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** Reads a part of a hop. Errors from AWS become findings. */
export type Check = () => Promise<readonly Finding[]>;

export type PlannedHop = Omit<Hop, "findings"> & { readonly checks: readonly Check[] };

/** The facts that decide the hops: the names, the stack, and the deployed resources. */
export interface Examination {
  readonly pipeline: Pipeline;
  readonly place: Place;
  readonly stack: Stack;
  readonly deployed: Deployed;
  /** The fix that makes Terraform's resources as in the stack. More lines may follow it. */
  readonly deploy: string;
}

export function resourcesOf({ stack }: Examination, type: string): readonly Resource[] {
  return stack.resources.filter((resource) => resource.type === type);
}

export function missing(message: string, fix: string): Finding {
  return { what: "missing", message, fix };
}

export function wrong(message: string, fix: string): Finding {
  return { what: "wrong", message, fix };
}

export function unknown(message: string, fix: string): Finding {
  return { what: "unknown", message, fix };
}

/** Returns a finding for each setting that differs. Settings that the stack does not have are not compared. */
export function differences(
  settings: Readonly<Record<string, readonly [expected: unknown, actual: unknown]>>,
  fix: string,
): Finding[] {
  return Object.entries(settings).flatMap(([name, [expected, actual]]) => {
    if (expected === undefined || String(expected).includes("${") || canonical(expected) === canonical(actual))
      return [];
    return wrong(`${name} is ${valueText(actual)}. In the stack it is ${valueText(expected)}.`, fix);
  });
}

function valueText(value: unknown): string {
  return value === undefined ? "not set" : typeof value === "string" ? value : JSON.stringify(value);
}

/** Formats JSON with sorted keys. Numbers and booleans become strings, because AWS returns either. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? "", (_, each: unknown) => {
    if (typeof each === "number" || typeof each === "boolean") return String(each);
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** @throws CredentialsError when the credentials are refused, so that every other hop would be unknown too. */
export async function examine({ checks, ...hop }: PlannedHop, examination: Examination): Promise<Hop> {
  const found = await Promise.all(
    checks.map((check) => check().catch((error: unknown) => [findingFor(error, examination)])),
  );
  // Several checks of a hop may read the same source.
  const findings = new Map(found.flat().map((finding) => [finding.message, finding]));
  return { ...hop, findings: [...findings.values()] };
}

function findingFor(error: unknown, { pipeline, deploy }: Examination): Finding {
  if (pipeline.connection.endpoint !== undefined && isUnsupported(error)) {
    return {
      what: "not emulated",
      message: (error as { [FAILED_REQUEST]?: AwsRequest })[FAILED_REQUEST]?.action ?? "",
    };
  }
  const known = toOperationError(error, pipeline.description);
  if (areCredentialsRefused(known)) throw known;
  if (isMissing(error)) return missing(known.message, deploy);
  const fix =
    known instanceof PermissionError
      ? "Add the policies for doctor in docs/permissions.md to your role, then run doctor again."
      : "Run doctor again.";
  return unknown(known.message, fix);
}
