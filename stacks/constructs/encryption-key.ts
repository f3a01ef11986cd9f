import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { partitionOf } from "../options/aws-region";
import { type PolicyStatement, policyDocument } from "../policy-document";
import { type Publishers, publisherStatements } from "../publishers";
import { pinned } from "../terraform-address";

export interface EncryptionKeyProps {
  readonly alias: string;
  readonly accountId: string;
  /** Whether `terraform destroy` refuses to plan the key's end: what it encrypted would be lost with it. */
  readonly retain: boolean;
  /** Who publishes from outside the account, and has to encrypt what it publishes. */
  readonly publishers: Publishers;
  /** Region whose CloudWatch Logs may use the key; undefined when no log group is under it. */
  readonly logsRegion: string | undefined;
}

/** A customer-managed key for topic, queues, table, stream and bucket. */
export class EncryptionKey extends Construct {
  readonly key: KmsKey;

  constructor(scope: Construct, id: string, { alias, accountId, retain, publishers, logsRegion }: EncryptionKeyProps) {
    super(scope, id);
    this.key = pinned(
      new KmsKey(this, "key", {
        description: "Events, at rest",
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        ...(retain && { lifecycle: { preventDestroy: true } }),
        policy: policyDocument(
          {
            Sid: "AdministeredByAccount",
            Effect: "Allow",
            Principal: { AWS: accountId },
            Action: "kms:*",
            // In a key's policy `*` is the key itself; the account keeps it manageable, as AWS prescribes:
            // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
            Resource: "*",
          },
          {
            // Itself, on behalf of nobody in the account.
            Sid: "UsedBySns",
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: "*",
            Condition: { StringEquals: { "aws:SourceAccount": accountId } },
          },
          ...publisherStatements(publishers, accountId, {
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: "*",
          }),
          ...(logsRegion === undefined ? [] : [usedByLogs(logsRegion, accountId)]),
        ),
      }),
      "events",
    );
    pinned(new KmsAlias(this, "alias", { name: alias, targetKeyId: this.key.keyId }), "events");
  }
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
function usedByLogs(region: string, accountId: string): PolicyStatement {
  return {
    Sid: "UsedByLogs",
    Effect: "Allow",
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: [...USE_ACTIONS, "kms:GenerateDataKeyWithoutPlaintext"],
    Resource: "*",
    Condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": `arn:${partitionOf(region)}:logs:${region}:${accountId}:log-group:*`,
      },
    },
  };
}

/**
 * Has Terraform let go of a key, without destroying it, that an earlier deploy
 * of the stack made: `prevent_destroy` goes with the key's block, and with the
 * key all that it encrypted would be lost. Where there is none it does nothing.
 */
export function keepFormerKey(scope: Construct): void {
  const former = ["aws_kms_key.events", "aws_kms_alias.events"];
  TerraformStack.of(scope).addOverride(
    "removed",
    former.map((from) => ({ from, lifecycle: { destroy: false } })),
  );
}

/**
 * Queues and buckets ask for the first and the last; the others are DynamoDB's:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
const USE_ACTIONS = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
  "kms:GenerateDataKey",
];

/** What a role needs that reads from and writes to encrypted queues, tables or buckets. */
export function useKeyStatements(kmsKeyArn: string | undefined): PolicyStatement[] {
  if (kmsKeyArn === undefined) return [];
  return [{ Sid: "UseKey", Effect: "Allow", Action: USE_ACTIONS, Resource: kmsKeyArn }];
}
