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

/** A role that one AWS service assumes. */
export function roleConfig(name: string, service: string, { rolePath, permissionsBoundary }: RoleRules): IamRoleConfig {
  return {
    name,
    assumeRolePolicy: trustPolicy(service),
    ...(rolePath !== undefined && { path: rolePath }),
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
  };
}
