import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueUrlCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Block } from "@event-pipeline/terraform-json/stack-json";
import { awsDynamodbTable } from "./dynamodb-table";
import { arnOf, attributesOf, type CreateContext, type ResourceType, type StackLocation } from "./resource-type";
import { awsSnsTopicSubscription } from "./topic-subscription";

const QUEUE_ATTRIBUTES: Readonly<Record<string, string>> = {
  visibility_timeout_seconds: "VisibilityTimeout",
  message_retention_seconds: "MessageRetentionPeriod",
  receive_wait_time_seconds: "ReceiveMessageWaitTimeSeconds",
  delay_seconds: "DelaySeconds",
  max_message_size: "MaximumMessageSize",
  redrive_policy: "RedrivePolicy",
};

/** Ignores the errors by which an API reports that the resource exists. */
function ignore(...names: string[]): (error: Error) => void {
  return (error) => {
    if (!names.includes(error.name)) throw error;
  };
}

/** The supported types in the order of creation: subscriptions come after their endpoints. */
const TYPES: Readonly<Record<string, ResourceType>> = {
  // Functions run from the folder that Terraform would zip.
  archive_file: {},
  aws_caller_identity: { computed: (_block, { accountId }) => ({ account_id: accountId }) },
  // Referenced by other blocks; the local run checks no permissions.
  aws_iam_role: {
    computed: (block, { accountId }) => {
      const name = String(block.get("name"));
      return { arn: `arn:aws:iam::${accountId}:role/${name}`, id: name };
    },
    isRun: () => false,
  },
  aws_sns_topic: {
    computed: (block, location) => {
      const arn = arnOf("sns", String(block.get("name")), location);
      return { arn, id: arn };
    },
    create: async (block, { clients }) => {
      await clients.sns.send(new CreateTopicCommand({ Name: String(block.get("name")) }));
    },
  },
  aws_sqs_queue: {
    computed: (block, location) => {
      const name = String(block.get("name"));
      const url = `${location.endpoint}/${location.accountId}/${name}`;
      return { arn: arnOf("sqs", name, location), id: url, url };
    },
    create: async (block, { clients: { sqs } }) => {
      const QueueName = String(block.get("name"));
      const Attributes = attributesOf(block, QUEUE_ATTRIBUTES);
      await sqs.send(new CreateQueueCommand({ QueueName, Attributes })).catch(async (error: Error) => {
        ignore("QueueNameExists", "QueueAlreadyExists")(error);
        const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
      });
    },
  },
  // Stored as an attribute. Only topic-subscription.ts evaluates it.
  aws_sqs_queue_policy: {
    create: async (block, { clients }) => {
      const Attributes = { Policy: String(block.get("policy")) };
      await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: String(block.get("queue_url")), Attributes }));
    },
  },
  aws_kinesis_firehose_delivery_stream: {
    computed: (block, location) => ({ arn: deliveryStreamArn(block, location) }),
  },
  aws_dynamodb_table: awsDynamodbTable,
  aws_s3_bucket: {
    computed: (block) => {
      const bucket = String(block.get("bucket"));
      return { arn: `arn:aws:s3:::${bucket}`, id: bucket };
    },
    create: async (block, { clients }) => {
      const command = new CreateBucketCommand({ Bucket: String(block.get("bucket")) });
      await clients.s3.send(command).catch(ignore("BucketAlreadyOwnedByYou", "BucketAlreadyExists"));
    },
  },
  // Created together with its function. Delivery errors of Firehose appear as notes instead.
  aws_cloudwatch_log_group: { isRun: (block) => String(block.get("name")).startsWith("/aws/lambda/") },
  aws_lambda_function: {
    computed: (block, location) => ({ arn: arnOf("lambda", `function:${block.get("function_name")}`, location) }),
  },
  aws_lambda_event_source_mapping: {},
  aws_sns_topic_subscription: awsSnsTopicSubscription,
};

/** Returns the ARN of an `aws_kinesis_firehose_delivery_stream`. */
export function deliveryStreamArn(block: Block, location: StackLocation): string {
  return arnOf("firehose", `deliverystream/${block.get("name")}`, location);
}

/** Returns the attributes that a provider computes for the block; none for an unsupported type. */
export function computedAttributes(block: Block, location: StackLocation): Readonly<Record<string, string>> {
  return TYPES[block.type]?.computed?.(block, location) ?? {};
}

/** Returns whether the local run runs the block. */
export function isRun(block: Block): boolean {
  const type = TYPES[block.type];
  return type !== undefined && (type.isRun?.(block) ?? true);
}

/** Returns the addresses of the arguments that the block sets and the local run ignores. */
export function ignoredArguments(block: Block): string[] {
  return ["tags", ...(TYPES[block.type]?.ignoredArguments ?? [])]
    .filter((argument) => block.get(argument) !== undefined)
    .map((argument) => `${block.address}.${argument}`);
}

/** Creates the stack's resources. */
export async function createResources(context: CreateContext): Promise<void> {
  for (const [name, { create }] of Object.entries(TYPES)) {
    for (const block of create ? context.stack.ofType(name).filter(isRun) : []) await create?.(block, context);
  }
}
