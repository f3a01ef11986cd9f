import { randomUUID } from "node:crypto";
import type { CreateKeyRequest, CreateKeyResponse } from "@aws-sdk/client-kms";
import type { Action } from "../../gateway/service";
import { NotSupported } from "../../protocols/invalid-input";
import type { Kms } from "../kms";

/** The only supported value of each of these members. */
const ONLY = {
  KeyUsage: "ENCRYPT_DECRYPT",
  KeySpec: "SYMMETRIC_DEFAULT",
  CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
  Origin: "AWS_KMS",
  MultiRegion: false,
} as const;

export const CreateKey: Action<CreateKeyRequest, CreateKeyResponse, Kms> = {
  handles: [
    "Description",
    "Policy",
    "BypassPolicyLockoutSafetyCheck",
    "KeyUsage",
    "KeySpec",
    "CustomerMasterKeySpec",
    "Origin",
    "MultiRegion",
  ],
  differs: "creates symmetric keys only, and encrypts nothing; stores the policy, and does not enforce it",
  run(request, kms) {
    for (const [name, only] of Object.entries(ONLY)) {
      const value = request[name as keyof typeof ONLY] ?? only;
      if (value !== only) throw new NotSupported(`${name} ${value}`);
    }
    const { Description = "", Policy } = request;
    return { KeyMetadata: kms.describe(kms.put(randomUUID(), Description, Policy)) as never };
  },
};
