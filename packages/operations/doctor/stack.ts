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

/** A required resource, with its configuration in the stack. */
export interface Resource {
  /** Terraform address, such as `aws_sqs_queue.events`. */
  readonly address: string;
  readonly type: string;
  /** Arguments; references are resolved to names. */
  readonly config: Config;
}

export interface Stack {
  readonly resources: readonly Resource[];
  /** Region of the stack; undefined if nothing was synthesized or the stack has none. */
  readonly region: string | undefined;
  /** File of the synthesized stack; if undefined, only names are known. */
  readonly file: string | undefined;
}

/**
 * Reads the synthesized stack for the pipeline `name`.
 *
 * @param folder - Folder that holds cdk.tf.json. @default - the folder of the stage that was synthesized last, if any
 * @throws UsageError if the given folder has no stack.
 */
export function readStack(name: string, folder?: string): Stack | undefined {
  try {
    const file = folder ?? lastSynthesized();
    const stack = SynthesizedStack.read(file, {
      variables: { name },
      attributeOf: (block) => ownName(block),
      // A value such as the account id, which is not compared.
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

/** Returns the name of a resource in AWS. */
function ownName(block: Block): string | undefined {
  const own = ["name", "function_name", "bucket"].map((argument) => block.get(argument));
  return own.find((value) => typeof value === "string") as string | undefined;
}

/** Returns the resources of every pipeline, by name only. */
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
