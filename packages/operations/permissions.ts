import { ID_INDEX } from "@event-pipeline/event-model/item/attributes";
import { ARNS, allow, type Permission, via } from "@event-pipeline/event-model/resource-arns";

/**
 * The permissions of each operator policy. Some commands need several policies: see COMMAND_POLICIES.
 * sts:GetCallerIdentity needs no permission.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
export const OPERATOR_POLICIES = {
  publish: [allow("Publish", ["sns:Publish"], [ARNS.topic])],
  read: [
    allow("ReadLogs", ["logs:FilterLogEvents"], [ARNS.processorLogs]),
    allow(
      "ReadTable",
      [
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:Query",
        "dynamodb:Scan",
      ],
      [ARNS.table],
    ),
    allow("QueryIndex", ["dynamodb:Query"], [`${ARNS.table}/index/${ID_INDEX}`]),
    allow("ListArchive", ["s3:GetBucketVersioning", "s3:ListBucket"], [ARNS.bucket]),
    allow("ReadArchive", ["s3:GetObject"], [ARNS.archivedObjects]),
    allow("CountMessages", ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"], [...ARNS.queues, ...ARNS.deadLetterQueues]),
    allow("PeekDeadLetters", ["sqs:ChangeMessageVisibility", "sqs:ReceiveMessage"], ARNS.deadLetterQueues),
    allow("ReadTopics", ["sns:GetTopicAttributes"], [ARNS.topic, ARNS.alarmTopic]),
    allow("ListSubscriptions", ["sns:ListSubscriptionsByTopic"], [ARNS.topic]),
    allow("ReadSubscriptions", ["sns:GetSubscriptionAttributes"], [ARNS.subscriptions]),
    allow("ReadFunctions", ["lambda:GetFunctionConfiguration"], ARNS.functions),
    allow("ReadStream", ["firehose:DescribeDeliveryStream"], [ARNS.stream]),
    allow("ReadAlarms", ["cloudwatch:DescribeAlarms"], [ARNS.allAlarms]),
    // These actions do not support resource-level permissions.
    allow(
      "ReadWithoutResource",
      ["cloudwatch:GetMetricData", "lambda:ListEventSourceMappings", "sqs:ListQueues"],
      ["*"],
    ),
  ],
  operate: [
    allow("SendToQueues", ["sqs:SendMessage"], ARNS.queues),
    allow("DeleteDeadLetters", ["sqs:DeleteMessage", "sqs:PurgeQueue"], ARNS.deadLetterQueues),
    allow("SendToStream", ["firehose:PutRecord"], [ARNS.stream]),
  ],
} satisfies Readonly<Record<string, readonly Permission[]>>;

/** The permissions that each policy needs in addition with a customer-managed KMS key. */
export const OPERATOR_KEY_POLICIES = {
  "publish-key": [allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [ARNS.key], via("sns"))],
  "read-key": [allow("UseKey", ["kms:Decrypt"], [ARNS.key], via("dynamodb", "s3", "sqs"))],
  "operate-key": [allow("UseKey", ["kms:GenerateDataKey"], [ARNS.key], via("sqs"))],
} satisfies Readonly<Record<`${OperatorPolicy}-key`, readonly Permission[]>>;

export type OperatorPolicy = keyof typeof OPERATOR_POLICIES;

/** The policies that each command needs. */
export const COMMAND_POLICIES: Readonly<Record<string, readonly OperatorPolicy[]>> = {
  publish: ["publish"],
  samples: [],
  "events tail": ["read"],
  "events list": ["read"],
  "events show": ["read"],
  "events types": ["read"],
  status: ["read"],
  "dlq list": ["read"],
  "dlq show": ["read"],
  "dlq export": ["read"],
  "dlq redrive": ["read", "operate"],
  "dlq purge": ["read", "operate"],
  "archive list": ["read"],
  "archive get": ["read"],
  "archive replay": ["read", "operate"],
  reconcile: ["read"],
  doctor: ["read"],
  // Its buttons also need `publish` and `operate`.
  console: ["read"],
};
