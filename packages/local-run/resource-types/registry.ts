import type { Block } from "@event-pipeline/terraform-json/stack-json";
import { archiveFile } from "./archive-file";
import { awsCallerIdentity } from "./aws-caller-identity";
import { awsCloudwatchLogGroup } from "./aws-cloudwatch-log-group";
import { awsDynamodbTable } from "./aws-dynamodb-table";
import { awsIamRole } from "./aws-iam-role";
import { awsKinesisFirehoseDeliveryStream } from "./aws-kinesis-firehose-delivery-stream";
import { awsLambdaEventSourceMapping } from "./aws-lambda-event-source-mapping";
import { awsLambdaFunction } from "./aws-lambda-function";
import { awsS3Bucket } from "./aws-s3-bucket";
import { awsSnsTopic } from "./aws-sns-topic";
import { awsSnsTopicSubscription } from "./aws-sns-topic-subscription";
import { awsSqsQueue } from "./aws-sqs-queue";
import { awsSqsQueuePolicy } from "./aws-sqs-queue-policy";
import type { CreateContext, ResourceType, StackContext } from "./resource-type";

/** Every type that the local run knows, in the order in which they are made: subscriptions after what they deliver to. */
const TYPES: Readonly<Record<string, ResourceType>> = {
  archive_file: archiveFile,
  aws_caller_identity: awsCallerIdentity,
  aws_iam_role: awsIamRole,
  aws_sns_topic: awsSnsTopic,
  aws_sqs_queue: awsSqsQueue,
  aws_sqs_queue_policy: awsSqsQueuePolicy,
  aws_kinesis_firehose_delivery_stream: awsKinesisFirehoseDeliveryStream,
  aws_dynamodb_table: awsDynamodbTable,
  aws_s3_bucket: awsS3Bucket,
  aws_cloudwatch_log_group: awsCloudwatchLogGroup,
  aws_lambda_function: awsLambdaFunction,
  aws_lambda_event_source_mapping: awsLambdaEventSourceMapping,
  aws_sns_topic_subscription: awsSnsTopicSubscription,
};

/** The attributes that a provider computes for the block; none for a type that the local run does not know. */
export function computedAttributes(block: Block, context: StackContext): Readonly<Record<string, string>> {
  return TYPES[block.type]?.computed?.(block, context) ?? {};
}

/** Whether the local run does what a block says. */
export function isRun(block: Block): boolean {
  const type = TYPES[block.type];
  return type !== undefined && (type.isRun?.(block) ?? true);
}

/** Addresses of the arguments that the block sets and the local run passes over. */
export function argumentsNotRun(block: Block): string[] {
  return ["tags", ...(TYPES[block.type]?.notRun ?? [])]
    .filter((argument) => block.get(argument) !== undefined)
    .map((argument) => `${block.address}.${argument}`);
}

/** Makes what the stack says. */
export async function createResources(context: CreateContext): Promise<void> {
  for (const [name, { create, isRun: isRunHere }] of Object.entries(TYPES)) {
    if (!create) continue;
    for (const block of context.stack.ofType(name)) {
      if (isRunHere?.(block) ?? true) await create(block, context);
    }
  }
}
