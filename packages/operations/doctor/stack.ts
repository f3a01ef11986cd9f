import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ConsumerNames, pipelineNames } from "@event-pipeline/event-model/resource-names";
import { UsageError } from "../errors";

export type Config = Readonly<Record<string, unknown>>;

/** A resource that there has to be, with what the stack says of it. */
export interface Resource {
  /** Such as `aws_sqs_queue.events`. */
  readonly address: string;
  readonly type: string;
  /** References are the names of what they lead to. */
  readonly config: Config;
}

export interface Stack {
  readonly resources: readonly Resource[];
  /** Undefined where nothing was synthesized, or it does not say. */
  readonly region: string | undefined;
  /** The file that it is of; undefined where there is none, and only names are known. */
  readonly file: string | undefined;
}

type Named = Readonly<Record<string, Readonly<Record<string, Config>>>>;

/**
 * The synthesized stack, for a pipeline of that name.
 *
 * @param folder - That holds cdk.tf.json. @default - that of the stage that was synthesized last, if one was
 * @throws UsageError when a folder is given and has none.
 */
export function readStack(name: string, folder?: string): Stack | undefined {
  const file = join(folder ?? lastSynthesized() ?? "", "cdk.tf.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if (folder === undefined) return undefined;
    throw new UsageError(`Cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  const { resource = {}, provider } = JSON.parse(text) as {
    resource?: Named;
    provider?: { aws?: readonly { region?: string }[] };
  };
  const nameAt = namesOf(resource, name);
  const resources = Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).map(([id, config]) => ({
      address: `${type}.${id}`,
      type,
      config: resolved(config, name, nameAt) as Config,
    })),
  );
  return { resources, region: provider?.aws?.[0]?.region, file: resolve(file) };
}

/** What every pipeline has, by its names alone. */
export function unsynthesized(
  names: ReturnType<typeof pipelineNames>,
  processor: ConsumerNames,
  rawBucket: string,
): Stack {
  const resource = (type: string, config: Config) => ({ address: type, type, config });
  return {
    region: undefined,
    file: undefined,
    resources: [
      resource("aws_sns_topic", { name: names.topic }),
      resource("aws_sqs_queue", { name: processor.queueName }),
      resource("aws_sqs_queue", { name: processor.deadLetterQueueName }),
      resource("aws_sqs_queue", { name: names.undeliveredQueue }),
      resource("aws_lambda_function", { function_name: processor.functionName }),
      resource("aws_dynamodb_table", { name: names.table }),
      resource("aws_kinesis_firehose_delivery_stream", { name: names.rawStream }),
      resource("aws_s3_bucket", { bucket: rawBucket }),
    ],
  };
}

/** As cdktf's manifest has it. */
function lastSynthesized(outdir = process.env.CDKTF_OUTDIR ?? "cdktf.out"): string | undefined {
  try {
    const { stacks } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")) as {
      stacks: { "event-pipeline": { workingDirectory: string } };
    };
    return join(outdir, stacks["event-pipeline"].workingDirectory);
  } catch {
    return undefined; // Nothing was synthesized here, which the report says.
  }
}

const NAME = /\$\{var\.name\}/g;
const REFERENCE = /\$\{([\w.-]+)\}/g;

/** By `aws_sqs_queue.events`, the name that AWS knows it by. */
function namesOf(resource: Named, name: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [type, named] of Object.entries(resource)) {
    for (const [id, config] of Object.entries(named)) {
      const own = config.name ?? config.function_name ?? config.bucket;
      if (typeof own === "string") names.set(`${type}.${id}`, own.replace(NAME, name));
    }
  }
  return names;
}

function resolved(value: unknown, name: string, nameAt: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return value.replace(REFERENCE, (expression, reference: string) => {
      if (reference === "var.name") return name;
      return nameAt.get(reference.split(".").slice(0, 2).join(".")) ?? expression;
    });
  }
  if (Array.isArray(value)) return value.map((each) => resolved(each, name, nameAt));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, name, nameAt)]));
}
