import type { PutKeyPolicyRequest } from "@aws-sdk/client-kms";
import type { Action } from "../../gateway/service";
import { assertPolicyName, type Kms } from "../kms";

export const PutKeyPolicy: Action<PutKeyPolicyRequest, void, Kms> = {
  handles: ["KeyId", "PolicyName", "Policy", "BypassPolicyLockoutSafetyCheck"],
  differs: "stores the policy, and does not enforce it",
  run({ KeyId, PolicyName, Policy = "" }, kms) {
    const key = kms.key(KeyId);
    assertPolicyName(PolicyName);
    kms.setPolicy(key, Policy);
  },
};
