import type { DeleteRolePolicyRequest } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { type Iam, policyOf } from "../iam";

export const DeleteRolePolicy: Action<DeleteRolePolicyRequest, void, Iam> = {
  handles: ["RoleName", "PolicyName"],
  run({ RoleName, PolicyName = "" }, iam) {
    const role = iam.role(RoleName);
    policyOf(role, PolicyName);
    iam.setPolicies(role, Object.fromEntries(Object.entries(role.policies).filter(([name]) => name !== PolicyName)));
  },
};
