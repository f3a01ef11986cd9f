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
 * Returns the ARN of the key that encrypts a pipeline's data, and creates the key if `kmsKey` is `create`. Returns
 * undefined if AWS's own keys encrypt the data.
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
      // The deployer may not call kms:UpdateKeyDescription, so this text must not change.
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
          // In a key's policy, `*` is the key itself. Without this statement nobody could manage the key:
          // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
          Resource: "*",
        },
        {
          // SNS calls KMS itself, not for an identity of the account.
          Sid: "UsedBySns",
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: ["kms:Decrypt", "kms:GenerateDataKey"],
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceAccount": accountId } },
        },
        // Built from the topic's name, because Terraform creates the topic after its key.
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

/** The blocks of all pipelines of a stack, because an override replaces the one before. */
const removedBlocks = new WeakMap<TerraformStack, RemovedBlock[]>();

/**
 * Makes Terraform forget, but not destroy, a key that an earlier deploy created. Without its block the key would lose
 * `prevent_destroy`, and everything that it encrypts would be lost with it. Has no effect if there is no such key.
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
