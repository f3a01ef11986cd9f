import type { Blocks, Config, StackFile } from "./stack-file";

/** A part of the stack that cannot run, and its replacement in an override file. */
export interface Override {
  readonly type: string;
  /** The argument. If absent, the complete resource is removed, and nothing may refer to it. */
  readonly argument?: string;
  /** The unsupported value; any if absent. */
  readonly value?: string;
  /** The replacement; if absent, the argument or the resource is removed. */
  readonly instead?: string;
  readonly because: string;
}

/** Parts that AWS providers before `since` refuse. */
export const NEWER: readonly (Override & { readonly since: string })[] = [
  {
    type: "aws_lambda_function",
    argument: "runtime",
    value: "nodejs24.x",
    instead: "nodejs22.x",
    since: "6.19.0",
    because: "AWS providers before 6.19.0 do not know it",
  },
  {
    type: "aws_sqs_queue",
    argument: "max_message_size",
    since: "6.8.0",
    because: "AWS providers before 6.8.0 allow 262144 at most, which is what they send by default",
  },
];

export function newerThan(version: string): Override[] {
  return NEWER.filter(({ since }) => isOlder(version, since));
}

export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}

/** Resources that cannot be applied to moto. Attributes that it only forgets are in moto-differences.ts. */
export const MOTO_LACKS: readonly Override[] = [
  { type: "aws_xray_resource_policy", because: "moto 5.2.1 has no resource policies of X-Ray" },
  {
    type: "aws_sqs_queue_redrive_allow_policy",
    because: "moto 5.2.1 never answers with RedriveAllowPolicy, and the provider waits for it until it gives up",
  },
  {
    type: "aws_s3_bucket_policy",
    argument: "policy",
    instead: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:RestoreObject", Resource: "arn:aws:s3:::*" }],
    }),
    because:
      "moto 5.2.1 ignores a policy's conditions, so a bucket that denies unencrypted connections denies every PutObject",
  },
];

/** Contents of an override file, which Terraform merges into the stack argument by argument. */
export interface Overriding {
  readonly resource: Blocks;
  /** Addresses of removed resources. */
  readonly omitted: readonly string[];
  /** One sentence for each change. */
  readonly changes: readonly string[];
}

export function overriding(stack: StackFile, overrides: readonly Override[]): Overriding {
  const resource: Record<string, Record<string, Config>> = {};
  const omitted: string[] = [];
  const changes: string[] = [];
  for (const { type, argument, value, instead, because } of overrides) {
    for (const [name, config] of Object.entries(stack.resource?.[type] ?? {})) {
      const present = argument === undefined || config[argument];
      if (present === undefined || (value !== undefined && present !== value)) continue;
      if (argument === undefined) omitted.push(`${type}.${name}`);
      const change = argument === undefined ? { count: 0 } : { [argument]: instead ?? null };
      resource[type] = { ...resource[type], [name]: { ...resource[type]?.[name], ...change } };
      const what = instead === undefined ? "left out" : `${present} → ${instead}`;
      changes.push(`${[type, name, argument].filter(Boolean).join(".")}: ${what}; ${because}`);
    }
  }
  return { resource, omitted, changes };
}
