import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { partitionOf } from "../options/aws-region";
import { type PolicyStatement, policyDocument } from "../policy-document";
import { type Publishers, publisherStatements } from "../publishers";
import { pinned } from "../terraform-address";

export interface EncryptionKeyProps extends Publishers {
  /** Terraform's name of the key and its alias. */
  readonly address: string;
  readonly alias: string;
  readonly accountId: string;
  /** Whether `terraform destroy` refuses to plan the key's end: what it encrypted would be lost with it. */
  readonly retainData: boolean;
  /** Whether CloudWatch Logs may use the key. */
  readonly encryptLogs: boolean;
  readonly region: string;
}

/** A customer-managed key for topic, queues, table, stream and bucket. */
export class EncryptionKey extends Construct {
  readonly key: KmsKey;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const { address, alias, accountId, retainData, encryptLogs, region } = props;
    this.key = pinned(
      new KmsKey(this, "key", {
        description: "Events, at rest",
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        ...(retainData && { lifecycle: { preventDestroy: true } }),
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
          ...publisherStatements(props, accountId, {
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: "*",
          }),
          ...(encryptLogs ? [usedByLogs(region, accountId)] : []),
        ),
      }),
      address,
    );
    pinned(new KmsAlias(this, "alias", { name: alias, targetKeyId: this.key.keyId }), address);
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
