import { compareVersions } from "./mirrors";
import type { Blocks, Config, StackFile } from "./stack-file";

/** Something in the stack that cannot be run as it is, and what is run in its place. */
export interface Replacement {
  readonly type: string;
  /** The argument; the whole resource when absent. */
  readonly argument?: string;
  /** The value that cannot be; any when absent. */
  readonly value?: string;
  /** The value to take; when absent the argument, or the resource, is left out. */
  readonly instead?: string;
  readonly because: string;
}

/** What AWS providers before `since` refuse. */
export const NEWER: readonly (Replacement & { readonly since: string })[] = [
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

export function newerThan(version: string): Replacement[] {
  return NEWER.filter(({ since }) => compareVersions(version, since) < 0);
}

const NO_ANSWER = "moto 5.2.1 never answers with RedriveAllowPolicy, and the provider waits for it until it gives up";

/** What cannot be applied to moto at all. What it merely forgets is in moto-differences.ts. */
export const MOTO_LACKS: readonly Replacement[] = [
  { type: "aws_sqs_queue", argument: "redrive_allow_policy", because: NO_ANSWER },
  { type: "aws_sqs_queue_redrive_allow_policy", because: NO_ANSWER },
];

export interface Replaced {
  readonly stack: StackFile;
  /** One sentence for each change; none when the stack is as it was. */
  readonly changes: readonly string[];
}

export function replaceIn(stack: StackFile, replacements: readonly Replacement[]): Replaced {
  const changes: string[] = [];
  const resource: Record<string, Record<string, Config>> = {};
  for (const [type, name, config] of everyBlock(stack.resource)) {
    const address = `${type}.${name}`;
    const applicable = replacements.filter((entry) => entry.type === type);
    const whole = applicable.find(({ argument }) => argument === undefined);
    if (whole) {
      changes.push(`${address}: left out; ${whole.because}`);
      continue;
    }
    resource[type] = {
      ...resource[type],
      [name]: applicable.reduce((c, r) => replaceArgument(c, r, address, changes), config),
    };
  }
  return { stack: { ...stack, resource }, changes };
}

function replaceArgument(config: Config, replacement: Replacement, address: string, changes: string[]): Config {
  const { argument = "", value, instead, because } = replacement;
  const present = config[argument];
  if (present === undefined || (value !== undefined && present !== value)) return config;
  const { [argument]: _replaced, ...others } = config;
  changes.push(`${address}.${argument}: ${instead === undefined ? "left out" : `${present} → ${instead}`}; ${because}`);
  return instead === undefined ? others : { ...others, [argument]: instead };
}

function everyBlock(blocks: Blocks = {}): (readonly [type: string, name: string, config: Config])[] {
  return Object.entries(blocks).flatMap(([type, named]) =>
    Object.entries(named).map(([name, config]) => [type, name, config] as const),
  );
}
