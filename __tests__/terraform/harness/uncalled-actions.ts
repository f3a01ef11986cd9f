import { actionsOf, type DeployerCalls } from "./deployer-calls";

/** Actions of a deployer's policies that no scenario calls, with the reason why they are allowed. */
const UNCALLED: readonly { readonly because: string; readonly actions: readonly string[] }[] = [
  {
    because: "AWS requires it for passing a role; it is not a call",
    actions: ["iam:PassRole"],
  },
  {
    because: "AWS requires it for creating with tags; only a change of the option tags calls it",
    actions: [
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
      "dynamodb:TagResource",
      "dynamodb:UntagResource",
      "firehose:TagDeliveryStream",
      "firehose:UntagDeliveryStream",
      "iam:TagRole",
      "iam:UntagRole",
      "kms:TagResource",
      "kms:UntagResource",
      "lambda:TagResource",
      "lambda:UntagResource",
      "logs:TagResource",
      "logs:UntagResource",
      "s3:PutBucketTagging",
      "sns:TagResource",
      "sns:UntagResource",
      "sqs:TagQueue",
      "sqs:UntagQueue",
    ],
  },
  {
    because: "only an update of an existing resource calls it",
    actions: [
      "firehose:UpdateDestination",
      "iam:UpdateAssumeRolePolicy",
      "kms:PutKeyPolicy",
      "lambda:UpdateEventSourceMapping",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
      "sns:SetSubscriptionAttributes",
    ],
  },
  {
    because: "only with permissionsBoundary, and when it changes",
    actions: ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
  },
  {
    because: "only with reservedConcurrency",
    actions: ["lambda:DeleteFunctionConcurrency", "lambda:PutFunctionConcurrency"],
  },
  {
    because: "only with tracing",
    actions: ["xray:DeleteResourcePolicy", "xray:ListResourcePolicies", "xray:PutResourcePolicy"],
  },
  {
    because: "only with encryptLogs, and when it changes",
    actions: ["logs:AssociateKmsKey", "logs:DisassociateKmsKey"],
  },
  {
    because: "no event is archived, and the object with the contracts has one version when it is destroyed",
    actions: ["s3:DeleteObjectVersion"],
  },
  {
    because: "a key is kept, and forgotten",
    actions: ["kms:DeleteAlias", "kms:ScheduleKeyDeletion"],
  },
  {
    because: "DynamoDB, Firehose and S3 call it on behalf of the deployer",
    actions: [
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
  },
];

/** Actions that only AWS providers from 6.23 on call. */
const NEWER = ["s3:ListTagsForResource", "s3:TagResource", "s3:UntagResource"];

/** Asserts that each action of the policies was called, except those with a reason above. */
export function expectAllCalled(calls: DeployerCalls, policies: readonly string[]): void {
  const listed = UNCALLED.flatMap(({ actions }) => actions);
  const uncalled = calls.uncalled(policies).filter((action) => !NEWER.includes(action));
  // Listed actions must not have been called.
  const excused = actionsOf(policies).filter((action) => listed.includes(action));
  expect(uncalled).toEqual(excused);
}
