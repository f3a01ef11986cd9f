import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { partitionOf, resourceArn } from "../aws-arn";
import { type PolicyStatement, policyDocument } from "../policy-document";
import { keyPublisherStatements } from "../publishers";
import { addBlock } from "../terraform";
import type { BaseProps } from "./shared-props";

/**
 * Returns the ARN of the KMS key that encrypts the pipeline's data, or undefined if keys that AWS owns encrypt it.
 * Creates the KMS key if `kmsKey` is `create`.
 */
export function encryptionKeyArn(scope: Construct, props: BaseProps): string | undefined {
  if (props.kmsKey === "create") return new EncryptionKey(scope, "key", props).key.arn;
  retainFormerKey(scope, props.addresses.key);
  return props.kmsKey;
}

/** A customer managed key for the topic, queues, table, stream and bucket. */
export class EncryptionKey extends Construct {
  readonly key: KmsKey;

  constructor(scope: Construct, id: string, props: BaseProps) {
    super(scope, id);
    const { names, addresses, accountId, region } = props;
    this.key = addBlock(this, KmsKey, "key", addresses.key, {
      // Must not change, because the deployer's policy does not allow kms:UpdateKeyDescription.
      description: "Events, at rest",
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      ...(props.retainData && { lifecycle: { preventDestroy: true } }),
      policy: policyDocument(
        {
          Sid: "AdministeredByAccount",
          Effect: "Allow",
          Principal: { AWS: accountId },
          Action: "kms:*",
          // In a key policy, `*` means this key. Without this statement, nobody could manage the key:
          // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
          Resource: "*",
        },
        {
          // SNS calls KMS as a service, not on behalf of a user or role.
          Sid: "UsedBySns",
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: ["kms:Decrypt", "kms:GenerateDataKey"],
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceAccount": accountId } },
        },
        // The ARN is built from the topic's name, because Terraform creates the key before the topic.
        ...keyPublisherStatements(props, { accountId, region, topicArn: resourceArn(props, "sns", names.topic) }),
        ...(props.encryptLogs ? [usedByLogs(region, accountId)] : []),
      ),
    });
    addBlock(this, KmsAlias, "alias", addresses.key, { name: names.key, targetKeyId: this.key.keyId });
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

interface RemovedBlock {
  readonly from: string;
  readonly lifecycle: { readonly destroy: false };
}

/** The `removed` blocks of all pipelines in a stack. Each override contains all: it replaces the previous one. */
const removedBlocks = new WeakMap<TerraformStack, RemovedBlock[]>();

/**
 * Makes Terraform forget a key that an earlier deploy created. Without the `removed` blocks, Terraform would destroy
 * the key, and nobody could decrypt the stored data. Has no effect if no earlier deploy created a key.
 */
function retainFormerKey(scope: Construct, address: string): void {
  const stack = TerraformStack.of(scope);
  const blocks = removedBlocks.get(stack) ?? [];
  for (const type of ["aws_kms_key", "aws_kms_alias"]) {
    blocks.push({ from: `${type}.${address}`, lifecycle: { destroy: false } });
  }
  removedBlocks.set(stack, blocks);
  stack.addOverride("removed", blocks);
}
