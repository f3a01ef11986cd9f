import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { partitionOf } from "../options/aws-region";
import { type PolicyStatement, policyDocument } from "../policy-document";
import { keyPublisherStatements, type Publishers } from "../publishers";
import { resourceArn } from "../resource-arn";
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
  readonly topicName: string;
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
          ...keyPublisherStatements(props, { accountId, region, topicArn: topicArnOf(props) }),
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
    Action: [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
    ],
    Resource: "*",
    Condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": `arn:${partitionOf(region)}:logs:${region}:${accountId}:log-group:*`,
      },
    },
  };
}

/** Made from its name: the topic itself comes after the key that encrypts it. */
function topicArnOf({ topicName, ...place }: EncryptionKeyProps): string {
  return resourceArn(place, "sns", topicName);
}
