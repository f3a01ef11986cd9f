import type { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { keyPolicyAddress } from "../addresses";
import { policyDocument } from "../policy-document";
import { addressOf, pinned } from "../terraform-address";
import { useKeyStatements } from "./key-use";

/**
 * The right of a pipeline's roles to use its keys, by policies of their own. They depend on nothing but role and key, so
 * that Terraform makes them before it puts anything under the key.
 */
export class KeyAccess {
  private readonly policies: IamRolePolicy[] = [];
  private readonly users: TerraformResource[] = [];

  /** @param keyArns - The key that the pipeline is under, and those that it was under before. */
  constructor(
    private readonly keyArns: readonly string[],
    private readonly region: string,
  ) {}

  /**
   * Lets `role` use the keys, as far as its calls need them.
   *
   * @param roleAddress - Terraform's name of the role.
   * @param calls - Actions that the role is allowed.
   */
  allow(scope: Construct, role: IamRole, roleAddress: string, calls: readonly string[]): void {
    const statements = useKeyStatements(this.keyArns, this.region, calls);
    if (statements.length === 0) return;
    const policy = pinned(
      new IamRolePolicy(scope, "key-policy", {
        name: "use-key",
        role: role.id,
        policy: policyDocument(...statements),
      }),
      keyPolicyAddress(roleAddress),
    );
    this.policies.push(policy);
    for (const user of this.users) dependOn(user, policy);
  }

  /** Makes `user` wait for the policies of all roles, also of those that are added later. */
  precedes(user: TerraformResource): void {
    this.users.push(user);
    for (const policy of this.policies) dependOn(user, policy);
  }
}

function dependOn(resource: TerraformResource, policy: IamRolePolicy): void {
  resource.dependsOn = [...(resource.dependsOn ?? []), addressOf(policy)];
}
