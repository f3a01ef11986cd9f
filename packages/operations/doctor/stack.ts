import { resolve } from "node:path";
import {
  type Block,
  type Config,
  lastSynthesized,
  SynthesizedStack,
  SynthesizedStackError,
} from "@event-pipeline/terraform-json/synthesized-stack";
import { UsageError } from "../errors";
import type { Pipeline } from "../pipeline";

export interface Resource {
  /** The Terraform address, such as `aws_sqs_queue.events`. */
  readonly address: string;
  readonly type: string;
  /** The arguments. References are resolved to names. */
  readonly config: Config;
}

export interface Stack {
  readonly resources: readonly Resource[];
  /** The stack's region; undefined if the stack has none, or nothing was synthesized. */
  readonly region: string | undefined;
  /** The path of cdk.tf.json. If undefined, nothing was synthesized, and only the resources' names are known. */
  readonly file: string | undefined;
}

/**
 * Reads the synthesized stack for the pipeline `name`.
 *
 * @param folder - The folder with cdk.tf.json. @default - the folder of the stage that was synthesized last, if any
 * @throws UsageError when the given folder has no stack.
 */
export function readStack(name: string, folder?: string): Stack | undefined {
  try {
    const file = folder ?? lastSynthesized();
    const stack = SynthesizedStack.read(file, {
      variables: { name },
      attributeOf: (block) => ownName(block),
      // Values such as the account ID are unknown, and are not compared.
      unknownExpression: (expression) => `\${${expression}}`,
    });
    const resources = stack.blocks
      .filter(({ address }) => !address.startsWith("data."))
      .map(({ address, type, arguments: config }) => ({ address, type, config: config() }));
    return { resources, region: stack.region, file: resolve(file, "cdk.tf.json") };
  } catch (cause) {
    if (!(cause instanceof SynthesizedStackError)) throw cause;
    if (folder === undefined) return undefined;
    throw new UsageError(cause.message, { cause });
  }
}

/** Returns a resource's name in AWS; undefined if it has none. */
function ownName(block: Block): string | undefined {
  const own = ["name", "function_name", "bucket"].map((argument) => block.get(argument));
  return own.find((value) => typeof value === "string") as string | undefined;
}

/** Returns the resources that every pipeline has, with their names only. */
export function unsynthesized({ names, processor }: Pipeline, rawBucket: string): Stack {
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
