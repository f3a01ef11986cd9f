import { type AttributeChange, managed, type Plan, updatesInPlace } from "./plan";
import type { Blocks, Config, StackFile } from "./stack-file";

/** An attribute that moto accepts and then forgets or rewrites, so that the next plan has a change. */
interface MotoDifference {
  readonly address: string;
  readonly attribute: string;
  readonly reason: string;
  /** Returns whether only moto caused a change of the attribute. */
  readonly isMotos: (change: AttributeChange) => boolean;
}

export const MOTO_DIFFERENCES: readonly MotoDifference[] = [
  ...["aws_lambda_function.event_processor", "aws_lambda_function.alerts_processor"].map((address) => ({
    address,
    attribute: "logging_config",
    reason: "moto 5.2.1 keeps no LoggingConfig of a function and answers without one",
    isMotos: ({ before }: AttributeChange) => Array.isArray(before) && before.length === 0,
  })),
  {
    address: "aws_sns_topic.events",
    attribute: "tracing_config",
    reason: "moto 5.2.1 keeps no TracingConfig of a topic and answers without one",
    isMotos: ({ before, after }) => before === "" && after === "PassThrough",
  },
  ...["aws_sqs_queue.events", "aws_sqs_queue.alerts"].map((address) => ({
    address,
    attribute: "redrive_policy",
    reason: "moto 5.2.1 answers with spaces in the JSON, SQS with the text it was given",
    isMotos: ({ before, after }: AttributeChange) => compact(before) === compact(after),
  })),
];

/** Returns the changes in a plan that moto did not cause; if empty, the stack is stable. */
export function stackDifferences(plan: Plan): string[] {
  const notUpdates = managed(plan)
    .filter(({ change }) => !["no-op", "update"].includes(change.actions.join()))
    .map(({ address, change }) => `${address}: ${change.actions.join(", ")}`);
  const updates = exceptMotos(updatesInPlace(plan)).map(
    ({ address, attribute, before, after }) =>
      `${address}.${attribute}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
  );
  return [...notUpdates, ...updates];
}

export function exceptMotos(changes: readonly AttributeChange[]): AttributeChange[] {
  return changes.filter((change) => !MOTO_DIFFERENCES.some((difference) => isDue(difference, change)));
}

/** Returns listed differences that a plan does not show, because moto now supports them or the stack changed. */
export function outdatedDifferences(plan: Plan): string[] {
  const updates = updatesInPlace(plan);
  return MOTO_DIFFERENCES.filter((difference) => !updates.some((change) => isDue(difference, change))).map(
    ({ address, attribute }) => `${address}.${attribute}`,
  );
}

/** Returns overrides that make Terraform ignore the listed attributes of `stack`, and those that it already ignores. */
export function ignoringDifferences(stack: StackFile): Blocks {
  const resource: Record<string, Record<string, Config>> = {};
  for (const { address, attribute } of MOTO_DIFFERENCES) {
    const [type = "", name = ""] = address.split(".");
    const config = stack.resource?.[type]?.[name];
    if (!config)
      throw new Error(`MOTO_DIFFERENCES names ${address}, which the stack does not have. Remove it from the list.`);
    const { lifecycle } = config as { lifecycle?: { ignore_changes?: readonly string[] } };
    const ignore_changes = [...(lifecycle?.ignore_changes ?? []), attribute];
    resource[type] = { ...resource[type], [name]: { lifecycle: { ignore_changes } } };
  }
  return resource;
}

function isDue(difference: MotoDifference, change: AttributeChange): boolean {
  return (
    difference.address === change.address && difference.attribute === change.attribute && difference.isMotos(change)
  );
}

function compact(json: unknown): string | undefined {
  return typeof json === "string" ? JSON.stringify(JSON.parse(json)) : undefined;
}
