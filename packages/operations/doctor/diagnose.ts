import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { pMapIterable } from "p-map";
import { isMissing, isUnsupported, toOperationError } from "../aws-errors";
import { CredentialsError, NotDeployedError } from "../errors";
import type { Pipeline } from "../pipeline";
import { isSame, type ResourceCheck } from "./resource-check";
import { alarm } from "./resources/alarm";
import { bucket, bucketVersioning, stream } from "./resources/archive";
import { eventSourceMapping, lambdaFunction } from "./resources/function";
import { queue, queuePolicy } from "./resources/queue";
import { table } from "./resources/table";
import { subscription, topic } from "./resources/topic";
import { type Resource, readStack, type Stack, unsynthesized } from "./stack";

/** Resources that are checked at the same time. AWS throttles Describe requests early. */
const CONCURRENT_RESOURCES = 4;

const CHECKS: Readonly<Record<string, ResourceCheck>> = {
  aws_sns_topic: topic,
  aws_sns_topic_subscription: subscription,
  aws_sqs_queue: queue,
  aws_sqs_queue_policy: queuePolicy,
  aws_lambda_function: lambdaFunction,
  aws_lambda_event_source_mapping: eventSourceMapping,
  aws_dynamodb_table: table,
  aws_kinesis_firehose_delivery_stream: stream,
  aws_s3_bucket: bucket,
  aws_s3_bucket_versioning: bucketVersioning,
  aws_cloudwatch_metric_alarm: alarm,
};

/** A missing resource, a setting that differs from the stack, or a setting that is unknown. */
export interface Finding {
  readonly what: "missing" | "wrong" | "unknown";
  /** The difference, as a sentence. */
  readonly message: string;
  /** The command or action that fixes it; absent if the setting is unknown. */
  readonly fix?: string;
}

export interface CheckedResource {
  readonly address: string;
  readonly name: string;
  readonly findings: readonly Finding[];
  /** True if nothing could be read about the resource. */
  readonly isUnknown: boolean;
}

const DEPLOY = "npm run deploy, which sets the stack's value. To see every difference: npm run diff";

/**
 * Compares the deployed resources with the synthesized stack. Without a synthesized stack, it checks
 * only that the resources exist, and `file` is undefined.
 *
 * @param folder - The folder with cdk.tf.json. @default - the folder of the stage that was synthesized last
 * @throws CredentialsError when there are no credentials, or AWS rejects them.
 */
export async function diagnose(pipeline: Pipeline, folder?: string) {
  const sts = pipeline.client(STSClient);
  const { Account = "", Arn = "" } = await sts.send(new GetCallerIdentityCommand({}));
  const region = await sts.config.region();
  const stack = readStack(pipeline.name, folder) ?? unsynthesized(pipeline, await pipeline.rawBucket());
  const known = stack.resources.filter(({ type }) => CHECKS[type] !== undefined);
  return {
    environment: { account: Account, arn: Arn, region, file: stack.file, findings: regionFindings(stack, region) },
    checked: pMapIterable(known, (resource) => checkResource(resource, pipeline), {
      concurrency: CONCURRENT_RESOURCES,
    }),
  };
}

function regionFindings(stack: Stack, region: string): Finding[] {
  if (stack.region === undefined || stack.region === region) return [];
  return [
    {
      what: "wrong",
      message: `The stack is for the region ${stack.region}, but the command uses the region ${region}.`,
      fix: `Give --region ${stack.region}.`,
    },
  ];
}

async function checkResource({ address, type, config }: Resource, pipeline: Pipeline): Promise<CheckedResource> {
  const check = CHECKS[type] as ResourceCheck;
  const name = check.name(config);
  try {
    const settings = await check.settings(config, pipeline);
    const findings = settings.flatMap(({ name: setting, expected, actual, fix = DEPLOY }): Finding[] => {
      if (actual === undefined) return [{ what: "unknown", message: `${setting} is unknown: AWS did not return it.` }];
      if (isSame(expected, actual)) return [];
      return [
        {
          what: "wrong",
          message: `${setting} is ${valueText(actual)}. In the stack it is ${valueText(expected)}.`,
          fix,
        },
      ];
    });
    return { address, name, findings, isUnknown: false };
  } catch (error) {
    const finding = findingFor(error, pipeline);
    return { address, name, findings: [finding], isUnknown: finding.what === "unknown" };
  }
}

function findingFor(error: unknown, pipeline: Pipeline): Finding {
  if (isUnsupported(error)) return { what: "unknown", message: "Unknown: the endpoint does not support the request." };
  if (error instanceof NotDeployedError || isMissing(error)) {
    const message = error instanceof NotDeployedError ? error.message : "The resource does not exist.";
    return {
      what: "missing",
      message,
      fix: "npm run deploy. If the pipeline is deployed, check --name, --region and --profile.",
    };
  }
  const known = toOperationError(error, pipeline.description);
  // A denied request concerns one resource. The others can still be compared.
  if (known instanceof CredentialsError) return { what: "unknown", message: known.message };
  throw known;
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
