import type { GetKeyPolicyRequest, GetKeyPolicyResponse } from "@aws-sdk/client-kms";
import type { Action } from "../../gateway/service";
import { assertPolicyName, type Kms, POLICY_NAME } from "../kms";

export const GetKeyPolicy: Action<GetKeyPolicyRequest, GetKeyPolicyResponse, Kms> = {
  handles: ["KeyId", "PolicyName"],
  run({ KeyId, PolicyName }, kms) {
    const { policy } = kms.key(KeyId);
    assertPolicyName(PolicyName);
    return { Policy: policy, PolicyName: POLICY_NAME };
  },
};
