import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { Construct } from "constructs";
import { type PolicyStatement, policyDocument } from "../policy-document";
import { addBlock } from "../terraform";
import type { SharedProps } from "./shared-props";

export interface ServiceRoleProps {
  /** Terraform name of the role and its policy. */
  readonly address: string;
  readonly name: string;
  readonly service: "lambda.amazonaws.com" | "firehose.amazonaws.com" | "sns.amazonaws.com";
  readonly policyName: string;
  readonly statements: readonly PolicyStatement[];
  /**
   * Prefix of the construct IDs.
   * @default - no prefix
   */
  readonly idPrefix?: string;
}

/**
 * Adds an IAM role with one inline policy. An AWS service can assume the role only for the role's own account.
 *
 * The trust policy has no `aws:SourceArn`, because the topic and the stream are created after their roles. For Lambda,
 * it has no `aws:SourceAccount` either, because Lambda does not send one; `iam:PassRole` already prevents Lambda from
 * using the role for another account.
 */
export function addServiceRole(
  scope: Construct,
  { accountId, rolePath, permissionsBoundary }: SharedProps,
  { address, name, service, policyName, statements, idPrefix = "" }: ServiceRoleProps,
): { readonly role: IamRole; readonly policy: IamRolePolicy } {
  const role = addBlock(scope, IamRole, `${idPrefix}role`, address, {
    name,
    assumeRolePolicy: policyDocument({
      Effect: "Allow",
      Principal: { Service: service },
      Action: "sts:AssumeRole",
      ...(service !== "lambda.amazonaws.com" && { Condition: { StringEquals: { "aws:SourceAccount": accountId } } }),
    }),
    ...(rolePath !== undefined && { path: rolePath }),
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
  });
  const policy = addBlock(scope, IamRolePolicy, `${idPrefix}policy`, address, {
    name: policyName,
    role: role.id,
    policy: policyDocument(...statements),
  });
  return { role, policy };
}
