import { createHash } from "node:crypto";
import { ACCOUNT_ID } from "../account";
import type { Host } from "../host";
import { assertPolicyDocument } from "../policy-document";
import { AwsError } from "../protocols/aws-error";
import type { Table } from "../storage/storage";

/** A symmetric key without key material. */
export interface StoredKey {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly description: string;
  readonly policy: string;
}

/** KMS's default policy: the account's policies decide. */
const DEFAULT_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Id: "key-default-1",
  Statement: [
    {
      Sid: "Enable IAM User Permissions",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ],
});

/** The keys. They encrypt nothing, and nothing evaluates their policies. */
export class Kms {
  private readonly keys: Table<StoredKey>;

  constructor(private readonly host: Host) {
    this.keys = host.storage.table("kms-keys");
  }

  /** Creates a key with this ID, or replaces it. @throws AwsError when the policy is not a JSON object. */
  put(id: string, description: string, policy = DEFAULT_POLICY): StoredKey {
    assertPolicyDocument(policy, "Principal");
    const key = { id, createdAt: this.host.clock.now(), description, policy };
    this.keys.set(id, key);
    return key;
  }

  /** Finds a key by its ID or ARN. @throws AwsError when there is none. */
  key(identifier = ""): StoredKey {
    const id = identifier.startsWith(this.arnOf("")) ? identifier.slice(this.arnOf("").length) : identifier;
    const key = this.keys.get(id);
    if (key) return key;
    const arn = identifier.includes(":") ? identifier : this.arnOf(id);
    throw new AwsError("NotFoundException", `Key '${arn}' does not exist`);
  }

  all(): StoredKey[] {
    return [...this.keys.values()];
  }

  setPolicy(key: StoredKey, policy: string): void {
    assertPolicyDocument(policy, "Principal");
    this.keys.set(key.id, { ...key, policy });
  }

  arnOf(id: string): string {
    return `arn:aws:kms:${this.host.region}:${ACCOUNT_ID}:key/${id}`;
  }

  /** Returns a key as KMS describes it. */
  describe({ id, createdAt, description }: StoredKey) {
    return {
      AWSAccountId: ACCOUNT_ID,
      KeyId: id,
      Arn: this.arnOf(id),
      CreationDate: new Date(createdAt),
      CurrentKeyMaterialId: createHash("sha256").update(id).digest("hex"),
      Enabled: true,
      Description: description,
      KeyUsage: "ENCRYPT_DECRYPT",
      KeyState: "Enabled",
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      KeySpec: "SYMMETRIC_DEFAULT",
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      MultiRegion: false,
    } as const;
  }
}

/** Name of a key's only policy. */
export const POLICY_NAME = "default";

/** @throws AwsError for another name than `default`. */
export function assertPolicyName(name = POLICY_NAME): void {
  if (name !== POLICY_NAME) throw new AwsError("NotFoundException", `No such policy exists: ${name}`);
}
