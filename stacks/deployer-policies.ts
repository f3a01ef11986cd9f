import { ARNS, allow, type Permission, via } from "@event-pipeline/event-model/resource-arns";

const QUEUES = [...ARNS.queues, ...ARNS.deadLetterQueues];
const TOPICS = [ARNS.topic, ARNS.alarmTopic];
/** Lambda names an event source mapping by a UUID. */
const MAPPINGS = ["arn:aws:lambda:REGION:ACCOUNT:event-source-mapping:*"];
/** Log streams. Tags belong to ARNS.logGroups themselves. */
const LOGS = ARNS.logGroups.map((group) => `${group}:*`);

/** Resources that a plan reads. */
const plan = [
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
  // These actions support no resources.
  allow("ReadWithoutResource", ["logs:DescribeLogGroups", "xray:ListResourcePolicies"], ["*"]),
];

/** Resources with events that a deploy changes. */
const deployData = [
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
  // Without retainData, Terraform empties the bucket before it deletes it.
  allow("EmptyBucket", ["s3:DeleteObject", "s3:DeleteObjectVersion"], [`${ARNS.bucket}/*`]),
];

/** Functions, roles, logs and alarms that a deploy changes. */
const deployFunctions = [
  allow(
    "WriteFunctions",
    [
      "lambda:CreateFunction",
      "lambda:DeleteFunction",
      "lambda:DeleteFunctionConcurrency",
      "lambda:PutFunctionConcurrency",
      "lambda:TagResource",
      "lambda:UntagResource",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
    ],
    ARNS.functions,
  ),
  allow("CreateMappings", ["lambda:CreateEventSourceMapping"], ["*"], {
    ArnEquals: { "lambda:FunctionArn": ARNS.functions },
  }),
  allow("WriteMappings", ["lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"], MAPPINGS, {
    ArnEquals: { "lambda:FunctionArn": ARNS.functions },
  }),
  allow("TagMappings", ["lambda:TagResource", "lambda:UntagResource"], MAPPINGS),
  allow(
    "WriteRoles",
    [
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:DeleteRolePermissionsBoundary",
      "iam:DeleteRolePolicy",
      "iam:ListInstanceProfilesForRole",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
    ],
    ARNS.roles,
  ),
  allow("PassRoles", ["iam:PassRole"], ARNS.roles, {
    StringEquals: {
      "iam:PassedToService": ["firehose.amazonaws.com", "lambda.amazonaws.com", "sns.amazonaws.com"],
    },
  }),
  allow(
    "WriteLogGroups",
    [
      "logs:AssociateKmsKey",
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DeleteLogGroup",
      "logs:DeleteLogStream",
      "logs:DisassociateKmsKey",
      "logs:PutRetentionPolicy",
    ],
    LOGS,
  ),
  allow("TagLogGroups", ["logs:TagResource", "logs:UntagResource"], ARNS.logGroups),
  allow(
    "WriteAlarms",
    ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"],
    [ARNS.alarms],
  ),
  allow("WriteDashboard", ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"], [ARNS.dashboard]),
  allow("WriteTracingPolicy", ["xray:DeleteResourcePolicy", "xray:PutResourcePolicy"], ["*"]),
];

/** The key that `kmsKey: create` creates, for a plan. */
const planKey = [
  allow(
    "ReadKey",
    ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    [ARNS.key],
  ),
  allow("ListAliases", ["kms:ListAliases"], ["*"]),
  // The provider compares a table's key with the one behind alias/aws/dynamodb, whose ID is not known in advance.
  allow("FindDefaultTableKey", ["kms:DescribeKey"], ["*"]),
];

/** The same key, for a deploy. */
const deployKey = [
  allow("CreateKey", ["kms:CreateKey"], ["*"]),
  allow(
    "WriteKey",
    ["kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource"],
    [ARNS.key],
  ),
  allow("WriteAlias", ["kms:CreateAlias", "kms:DeleteAlias"], [ARNS.key, ARNS.keyAlias]),
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
  allow(
    "PutTableAndStreamUnderKey",
    ["kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
    [ARNS.key],
    via("dynamodb", "firehose"),
  ),
];

/** The object in `stateBucket`. STATE_BUCKET and {stage} stand for the bucket's name and the stage's. */
const STATE = "arn:aws:s3:::STATE_BUCKET/event-pipeline/{name}/{stage}/terraform.tfstate";

/** The state that a plan reads, and the lock that it holds. */
const planState = [
  allow("FindState", ["s3:ListBucket"], ["arn:aws:s3:::STATE_BUCKET"]),
  allow("ReadState", ["s3:GetObject"], [STATE]),
  allow("LockState", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [`${STATE}.tflock`]),
];

/** The state that a deploy writes. */
const deployState = [allow("WriteState", ["s3:PutObject"], [STATE])];

/**
 * Permissions that Terraform and its AWS provider need for the stack. A deploy needs those of a plan as well. Its policy
 * is split, because IAM limits a policy's size. Terraform also calls sts:GetCallerIdentity, which needs no permission.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
export const DEPLOYER_POLICIES = {
  plan,
  "deploy-data": deployData,
  "deploy-functions": deployFunctions,
  "plan-key": planKey,
  "deploy-key": deployKey,
  "plan-state": planState,
  "deploy-state": deployState,
} satisfies Readonly<Record<string, readonly Permission[]>>;
