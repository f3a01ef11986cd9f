import { ARNS, allow } from "@event-pipeline/event-model/resource-arns";
import { QUEUES, TOPICS } from "./resources";

/** What a deploy does to what holds events, beyond what a plan reads. */
export const deployData = [
  allow(
    "WriteTopics",
    [
      "sns:CreateTopic",
      "sns:DeleteTopic",
      "sns:SetTopicAttributes",
      "sns:Subscribe",
      "sns:TagResource",
      "sns:UntagResource",
    ],
    TOPICS,
  ),
  allow("WriteSubscriptions", ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"], [ARNS.subscriptions]),
  allow(
    "WriteQueues",
    ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"],
    QUEUES,
  ),
  allow(
    "WriteTable",
    [
      "dynamodb:CreateTable",
      "dynamodb:DeleteTable",
      "dynamodb:TagResource",
      "dynamodb:UntagResource",
      "dynamodb:UpdateContinuousBackups",
      "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive",
    ],
    [ARNS.table],
  ),
  allow(
    "WriteStream",
    [
      "firehose:CreateDeliveryStream",
      "firehose:DeleteDeliveryStream",
      "firehose:StartDeliveryStreamEncryption",
      "firehose:TagDeliveryStream",
      "firehose:UntagDeliveryStream",
      "firehose:UpdateDestination",
    ],
    [ARNS.stream],
  ),
  allow(
    "WriteBucket",
    [
      "s3:CreateBucket",
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      "s3:ListBucketVersions",
      "s3:PutBucketOwnershipControls",
      "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging",
      "s3:PutBucketVersioning",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
      "s3:TagResource",
      "s3:UntagResource",
    ],
    [ARNS.bucket],
  ),
  // Where retainData is off, the bucket is emptied before it is deleted.
  allow("EmptyBucket", ["s3:DeleteObject", "s3:DeleteObjectVersion"], [`${ARNS.bucket}/*`]),
];
