import type { GetRolePolicyRequest, GetRolePolicyResponse } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { type Iam, policyOf } from "../iam";

export const GetRolePolicy: Action<GetRolePolicyRequest, GetRolePolicyResponse, Iam> = {
  handles: ["RoleName", "PolicyName"],
  run({ RoleName, PolicyName }, iam) {
    const PolicyDocument = encodeURIComponent(policyOf(iam.role(RoleName), PolicyName));
    return { RoleName, PolicyName, PolicyDocument };
  },
};
