import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueUrlCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { intakeQueueName } from "./archive/intake-queue";
import { CREDENTIALS } from "./aws/account";
import { isDelivered, subscribeAll } from "./subscriptions";
import { attributesOf } from "./terraform/attribute-names";
import type { Block, StackJson } from "./terraform/stack-json";

const RUN_TYPES = new Set([
  "aws_sns_topic",
  "aws_sqs_queue",
  "aws_sqs_queue_policy",
  "aws_dynamodb_table",
  "aws_s3_bucket",
  "aws_kinesis_firehose_delivery_stream",
  "aws_lambda_function",
  "aws_lambda_event_source_mapping",
  "archive_file",
  "aws_caller_identity",
]);

/** Whether the local run does what a block says; others are listed by address. */
export function isRun(block: Block): boolean {
  if (block.type === "aws_sns_topic_subscription") return isDelivered(block);
  return RUN_TYPES.has(block.type);
}

const QUEUE_ATTRIBUTES: Readonly<Record<string, string>> = {
  visibility_timeout_seconds: "VisibilityTimeout",
  message_retention_seconds: "MessageRetentionPeriod",
  receive_wait_time_seconds: "ReceiveMessageWaitTimeSeconds",
  delay_seconds: "DelaySeconds",
  max_message_size: "MaximumMessageSize",
  redrive_policy: "RedrivePolicy",
};

export interface Clients {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
}

export function clientsFor(endpoint: string, region: string): Clients {
  const config = { endpoint, region, credentials: CREDENTIALS };
  return {
    sns: new SNSClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    dynamodb: new DynamoDBClient(config),
  };
}

/** Makes what the stack says on the endpoint, over AWS's own API. What is there from an earlier run stays. */
export async function createResources(stack: StackJson, clients: Clients): Promise<void> {
  for (const block of stack.ofType("aws_sns_topic")) {
    await clients.sns.send(new CreateTopicCommand({ Name: String(block.get("name")) }));
  }
  for (const block of stack.ofType("aws_sqs_queue")) {
    await createQueue(clients.sqs, String(block.get("name")), attributesOf(block, QUEUE_ATTRIBUTES));
  }
  for (const block of stack.ofType("aws_kinesis_firehose_delivery_stream")) {
    await createQueue(clients.sqs, intakeQueueName(block), {});
  }
  for (const block of stack.ofType("aws_dynamodb_table")) await createTable(clients.dynamodb, block);
  for (const block of stack.ofType("aws_s3_bucket")) {
    await clients.s3.send(new CreateBucketCommand({ Bucket: String(block.get("bucket")) })).catch(unlessThere);
  }
  await subscribeAll(stack, clients.sns);
}

async function createQueue(sqs: SQSClient, QueueName: string, Attributes: Record<string, string>): Promise<void> {
  await sqs.send(new CreateQueueCommand({ QueueName, Attributes })).catch(async (error: Error) => {
    if (error.name !== "QueueNameExists" && error.name !== "QueueAlreadyExists") throw error;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  });
}

/** dynalite has no UpdateTimeToLive: `expires_at` is stored, but nothing expires here. */
async function createTable(dynamodb: DynamoDBClient, block: Block): Promise<void> {
  const hashKey = String(block.get("hash_key"));
  const rangeKey = block.get("range_key");
  const attributes = block.get("attribute") as { name: string; type: "S" | "N" | "B" }[];
  const input: CreateTableCommandInput = {
    TableName: String(block.get("name")),
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: [
      { AttributeName: hashKey, KeyType: "HASH" },
      ...(typeof rangeKey === "string" ? [{ AttributeName: rangeKey, KeyType: "RANGE" as const }] : []),
    ],
  };
  await dynamodb.send(new CreateTableCommand(input)).catch(unlessThere);
}

function unlessThere(error: Error): void {
  const there = ["ResourceInUseException", "BucketAlreadyOwnedByYou", "BucketAlreadyExists"];
  if (!there.includes(error.name)) throw error;
}
