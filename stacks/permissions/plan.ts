import { ARNS, allow } from "@event-pipeline/event-model/resource-arns";
import { LOGS, MAPPINGS, QUEUES, TOPICS } from "./resources";

/** What a plan reads. */
export const plan = [
  allow("ReadTopics", ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"], TOPICS),
  allow("ReadSubscriptions", ["sns:GetSubscriptionAttributes"], [ARNS.subscriptions]),
  allow("ReadQueues", ["sqs:GetQueueAttributes", "sqs:ListQueueTags"], QUEUES),
  allow(
    "ReadTable",
    [
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeTable",
      "dynamodb:DescribeTimeToLive",
      "dynamodb:ListTagsOfResource",
    ],
    [ARNS.table],
  ),
  allow(
    "ReadFunctions",
    ["lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:ListVersionsByFunction"],
    ARNS.functions,
  ),
  allow("ReadMappings", ["lambda:GetEventSourceMapping", "lambda:ListTags"], MAPPINGS),
  allow("ReadStream", ["firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"], [ARNS.stream]),
  allow(
    "ReadBucket",
    [
      "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl",
      "s3:GetBucketCORS",
      "s3:GetBucketLogging",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketOwnershipControls",
      "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketRequestPayment",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket",
      "s3:ListTagsForResource",
    ],
    [ARNS.bucket],
  ),
  allow(
    "ReadRoles",
    ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
    ARNS.roles,
  ),
  allow("ReadLogGroups", ["logs:ListTagsForResource"], ARNS.logGroups),
  allow("ReadLogStreams", ["logs:DescribeLogStreams"], LOGS),
  allow("ReadAlarms", ["cloudwatch:DescribeAlarms"], [ARNS.allAlarms]),
  allow("ReadAlarmTags", ["cloudwatch:ListTagsForResource"], [ARNS.alarms]),
  allow("ReadDashboard", ["cloudwatch:GetDashboard"], [ARNS.dashboard]),
  // IAM knows no resource of these.
  allow("ReadWithoutResource", ["logs:DescribeLogGroups", "xray:ListResourcePolicies"], ["*"]),
];
