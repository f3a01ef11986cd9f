import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { Construct } from "constructs";
import { type PolicyStatement, policyDocument, trustPolicy } from "../policy-document";
import { pinned } from "../terraform";
import type { SharedProps } from "./shared-props";

export type RoleProps = Pick<SharedProps, "accountId" | "rolePath" | "permissionsBoundary">;

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
 * Adds a role with one inline policy, which an AWS service assumes for the role's own account only.
 *
 * The trust policy has no `aws:SourceArn`, because the topic and the stream are created after their roles. Lambda sends
 * no `aws:SourceAccount`, but `iam:PassRole` already keeps it from assuming a role for another account.
 */
export function addServiceRole(
  scope: Construct,
  { accountId, rolePath, permissionsBoundary }: RoleProps,
  { address, name, service, policyName, statements, idPrefix = "" }: ServiceRoleProps,
): { readonly role: IamRole; readonly policy: IamRolePolicy } {
  const role = pinned(
    new IamRole(scope, `${idPrefix}role`, {
      name,
      assumeRolePolicy: trustPolicy(service, service === "lambda.amazonaws.com" ? undefined : accountId),
      ...(rolePath !== undefined && { path: rolePath }),
      ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    }),
    address,
  );
  const policy = pinned(
    new IamRolePolicy(scope, `${idPrefix}policy`, {
      name: policyName,
      role: role.id,
      policy: policyDocument(...statements),
    }),
    address,
  );
  return { role, policy };
}
