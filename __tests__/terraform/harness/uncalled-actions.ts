import { actionsOf, type DeployerCalls, type DeployerPolicy } from "./deployer-calls";

/** Actions of a deployer's policies that no scenario of its own calls, and why they are there. */
const UNCALLED: readonly { readonly because: string; readonly actions: readonly string[] }[] = [
  {
    because: "AWS asks for it of whoever names a role; it is no call",
    actions: ["iam:PassRole"],
  },
  {
    because: "AWS asks for it of whoever creates with tags; only a change of the option tags calls it",
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
    because: "only an update of what is there calls it",
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
    because: "the archive is empty when it is destroyed",
    actions: ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"],
  },
  {
    because: "a key is kept, and forgotten",
    actions: ["kms:DeleteAlias", "kms:ScheduleKeyDeletion"],
  },
  {
    because: "DynamoDB and Firehose call it on behalf of the deployer",
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

/** What AWS providers call from 6.23 on, and those before do not. */
const NEWER = ["s3:ListTagsForResource", "s3:TagResource", "s3:UntagResource"];

/** Holds the policies to what was called: each of their actions, but for those with a reason above. */
export function expectAllCalled(calls: DeployerCalls, policies: readonly DeployerPolicy[]): void {
  const listed = UNCALLED.flatMap(({ actions }) => actions);
  const uncalled = calls.uncalled(policies).filter((action) => !NEWER.includes(action));
  // And none that is called after all, of those that these policies have.
  const excused = actionsOf(policies).filter((action) => listed.includes(action));
  expect(uncalled).toEqual(excused);
}
