import type { PutRolePolicyRequest } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { assertPolicyDocument } from "../../policy-document";
import { assertName, type Iam } from "../iam";

export const PutRolePolicy: Action<PutRolePolicyRequest, void, Iam> = {
  handles: ["RoleName", "PolicyName", "PolicyDocument"],
  differs: "stores the policy, and does not enforce it",
  run({ RoleName, PolicyName, PolicyDocument = "" }, iam) {
    const role = iam.role(RoleName);
    const name = assertName("policyName", PolicyName, 128);
    assertPolicyDocument(PolicyDocument, "Resource");
    iam.setPolicies(role, { ...role.policies, [name]: PolicyDocument });
  },
};
