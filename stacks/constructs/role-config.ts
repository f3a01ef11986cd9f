import type { IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import { trustPolicy } from "../policy-document";
import type { SharedProps } from "./shared-props";

export type RoleProps = Pick<SharedProps, "accountId" | "rolePath" | "permissionsBoundary">;

/**
 * Returns the configuration of a role that an AWS service assumes for the role's own account only.
 *
 * The trust policy has no `aws:SourceArn`, because the topic and the stream are created after their roles. Lambda sends
 * no `aws:SourceAccount`, but `iam:PassRole` already keeps it from assuming a role for another account.
 */
export function roleConfig(
  name: string,
  service: "lambda.amazonaws.com" | "firehose.amazonaws.com" | "sns.amazonaws.com",
  { accountId, rolePath, permissionsBoundary }: RoleProps,
): IamRoleConfig {
  return {
    name,
    assumeRolePolicy: trustPolicy(service, service === "lambda.amazonaws.com" ? undefined : accountId),
    ...(rolePath !== undefined && { path: rolePath }),
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
  };
}
