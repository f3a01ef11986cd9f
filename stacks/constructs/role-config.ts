import type { IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import { trustPolicy } from "../policy-document";

/** What a company's rules ask of every role. */
export interface RoleRules {
  /**
   * Path of the role's name.
   * @default - `/`
   */
  readonly rolePath?: string | undefined;
  /**
   * ARN of the policy beyond which the role may do nothing.
   * @default - none
   */
  readonly permissionsBoundary?: string | undefined;
}

export interface RoleProps extends RoleRules {
  /** Account that the role is in. */
  readonly accountId: string;
}

/**
 * A role that one AWS service assumes, on behalf of the role's own account only. It names no `aws:SourceArn`, because
 * topic and stream are created after their roles. Lambda sends no `aws:SourceAccount`: `iam:PassRole` already keeps it
 * from assuming a role for another account.
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
