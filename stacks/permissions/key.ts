import { ARNS, allow, via } from "@event-pipeline/event-model/resource-arns";

/** What a plan reads of a key that `kmsKey: create` made. */
export const planKey = [
  allow(
    "ReadKey",
    ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    [ARNS.key],
  ),
  allow("ListAliases", ["kms:ListAliases"], ["*"]),
  // The provider compares a table's key with the one behind alias/aws/dynamodb, whose id nobody knows before.
  allow("FindDefaultTableKey", ["kms:DescribeKey"], ["*"]),
];

/** What a deploy does to that key, and with any key. */
export const deployKey = [
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
