import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE } from "@event-pipeline/event-model/item/attributes";
import { type ConsumerNames, subscriberNames } from "@event-pipeline/event-model/resource-names";
import {
  type Block,
  type Config,
  lastSynthesized,
  SynthesizedStack,
  SynthesizedStackError,
} from "@event-pipeline/terraform-json/synthesized-stack";
import { UsageError } from "../errors";
import type { Pipeline } from "../pipeline";

/** The account and region in which the pipeline is. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export interface Resource {
  /** The Terraform address, such as `aws_sqs_queue.events`; only the type if nothing was synthesized. */
  readonly address: string;
  readonly type: string;
  /** The arguments. References are resolved to ARNs and names. */
  readonly config: Config;
}

export interface Stack {
  readonly resources: readonly Resource[];
  /** The stack's region; undefined if the stack has none, or nothing was synthesized. */
  readonly region: string | undefined;
  /** The folder with cdk.tf.json. If undefined, nothing was synthesized, and only the names are known. */
  readonly folder: string | undefined;
}

export function arnOf({ partition, region, account }: Place, service: string, resource: string): string {
  const isGlobal = service === "iam" || service === "s3";
  return `arn:${partition}:${service}:${isGlobal ? "" : region}:${service === "s3" ? "" : account}:${resource}`;
}

/** Returns the last part of an ARN or a URL, which is the resource's name. */
export function nameIn(text: string): string {
  return text.split(/[:/]/).at(-1) ?? text;
}

/** Services and resources in ARNs, by Terraform type. */
const ARN_PARTS: Readonly<Record<string, readonly [service: string, prefix: string]>> = {
  aws_sns_topic: ["sns", ""],
  aws_sqs_queue: ["sqs", ""],
  aws_dynamodb_table: ["dynamodb", "table/"],
  aws_lambda_function: ["lambda", "function:"],
  aws_kinesis_firehose_delivery_stream: ["firehose", "deliverystream/"],
  aws_cloudwatch_log_group: ["logs", "log-group:"],
  aws_s3_bucket: ["s3", ""],
};

/**
 * Reads the synthesized stack for the pipeline `name`.
 *
 * @param folder - The folder with cdk.tf.json. @default - the folder of the stage that was synthesized last, if any
 * @throws UsageError when the given folder has no stack.
 */
export function readStack(name: string, place: Place, folder?: string): Stack | undefined {
  try {
    const found = resolve(folder ?? lastSynthesized());
    const stack = SynthesizedStack.read(found, {
      variables: { name },
      attributeOf: (block, attribute) => attributeOf(block, attribute, place),
      // Values of other expressions are not compared.
      unknownExpression: (expression) => `\${${expression}}`,
    });
    const resources = stack.blocks
      .filter(({ address }) => !address.startsWith("data."))
      .map(({ address, type, arguments: config }) => ({ address, type, config: config() }));
    return { resources, region: stack.region, folder: found };
  } catch (cause) {
    if (!(cause instanceof SynthesizedStackError)) throw cause;
    if (folder === undefined) return undefined;
    throw new UsageError(cause.message, { cause });
  }
}

function attributeOf(block: Block, attribute: string, place: Place): string | undefined {
  if (attribute === "account_id") return place.account;
  const own = ["name", "function_name", "bucket"].map((argument) => block.get(argument));
  const name = own.find((value) => typeof value === "string") as string | undefined;
  if (name === undefined) return undefined;
  if (block.type === "aws_iam_role" && attribute === "arn") {
    return arnOf(place, "iam", `role${block.get("path") ?? "/"}${name}`);
  }
  const [service, prefix] = ARN_PARTS[block.type] ?? [];
  // A queue's URL and ID contain the endpoint, so its ARN stands for both.
  const isArn = attribute === "arn" || (block.type === "aws_sqs_queue" && attribute !== "name");
  return service !== undefined && isArn ? arnOf(place, service, prefix + name) : name;
}

/** Returns a zip's hash in the format of Lambda's `CodeSha256`; undefined if the stage's folder does not have the zip. */
export function zipHash({ folder = "." }: Stack, filename: unknown): string | undefined {
  try {
    return createHash("sha256")
      .update(readFileSync(resolve(folder, String(filename))))
      .digest("base64");
  } catch {
    return undefined;
  }
}

/**
 * Returns the resources that every pipeline has, with what follows from their names.
 *
 * @param subscribers - The queues of the other subscribers.
 */
export function unsynthesized(
  { name, names, processor }: Pipeline,
  place: Place,
  rawBucket: string,
  subscribers: readonly string[],
): Stack {
  const resource = (type: string, config: Config): Resource => ({ address: type, type, config });
  const arn = (service: string, id: string) => arnOf(place, service, id);
  const redrive_policy = JSON.stringify({ deadLetterTargetArn: arn("sqs", names.undeliveredQueue) });
  const [topic_arn, stream] = [arn("sns", names.topic), arn("firehose", `deliverystream/${names.rawStream}`)];
  const subscription = { topic_arn, redrive_policy, raw_message_delivery: false };
  const role = (id: string, Action: readonly string[], on: string) =>
    resource("aws_iam_role_policy", {
      role: id,
      policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action, Resource: on }] }),
    });
  const consumer = ({ queueName, deadLetterQueueName, functionName }: ConsumerNames, variables: Config): Resource[] => [
    resource("aws_sqs_queue", {
      name: queueName,
      redrive_policy: JSON.stringify({ deadLetterTargetArn: arn("sqs", deadLetterQueueName) }),
    }),
    resource("aws_sqs_queue", { name: deadLetterQueueName }),
    resource("aws_sns_topic_subscription", { ...subscription, protocol: "sqs", endpoint: arn("sqs", queueName) }),
    resource("aws_lambda_event_source_mapping", {
      event_source_arn: arn("sqs", queueName),
      function_name: functionName,
      function_response_types: ["ReportBatchItemFailures"],
    }),
    resource("aws_lambda_function", {
      function_name: functionName,
      role: arn("iam", `role/${functionName}`),
      environment: { variables },
      logging_config: { log_group: `/aws/lambda/${functionName}` },
    }),
    role(functionName, ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn("sqs", queueName)),
    role(
      functionName,
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      arn("logs", `log-group:/aws/lambda/${functionName}:log-stream:*`),
    ),
  ];
  const deadLetterQueue = arn("sqs", processor.deadLetterQueueName);
  return {
    region: undefined,
    folder: undefined,
    resources: [
      resource("aws_sns_topic", { name: names.topic }),
      ...consumer(processor, { DEAD_LETTER_QUEUE_URL: deadLetterQueue, TABLE_NAME: names.table }),
      role(processor.functionName, ["dynamodb:BatchWriteItem"], arn("dynamodb", `table/${names.table}`)),
      role(processor.functionName, ["sqs:SendMessage"], deadLetterQueue),
      ...subscribers.flatMap((id) => consumer(subscriberNames(name, id), {})),
      resource("aws_sqs_queue", { name: names.undeliveredQueue }),
      resource("aws_dynamodb_table", {
        name: names.table,
        hash_key: PARTITION_KEY,
        range_key: SORT_KEY,
        ttl: { attribute_name: TTL_ATTRIBUTE, enabled: true },
      }),
      resource("aws_sns_topic_subscription", {
        ...subscription,
        protocol: "firehose",
        endpoint: stream,
        subscription_role_arn: arn("iam", `role/${names.rawSubscriptionRole}`),
      }),
      role(names.rawSubscriptionRole, ["firehose:PutRecord", "firehose:PutRecordBatch"], stream),
      resource("aws_kinesis_firehose_delivery_stream", {
        name: names.rawStream,
        extended_s3_configuration: {
          role_arn: arn("iam", `role/${names.rawStreamRole}`),
          bucket_arn: arn("s3", rawBucket),
        },
      }),
      role(names.rawStreamRole, ["s3:PutObject", "s3:AbortMultipartUpload"], `${arn("s3", rawBucket)}/*`),
      role(names.rawStreamRole, ["s3:GetBucketLocation", "s3:ListBucket"], arn("s3", rawBucket)),
      resource("aws_s3_bucket", { bucket: rawBucket }),
    ],
  };
}
