import type { Construct } from "constructs";
import { EncryptionKey, type EncryptionKeyProps } from "./encryption-key";
import { keepFormerKey } from "./former-key";

export interface KmsKeyProps extends EncryptionKeyProps {
  /**
   * `create`, or the ARN of a key.
   * @default - none
   */
  readonly kmsKey?: string | undefined;
}

/** ARN of the key that a pipeline is under, made for it or its owner's; undefined for keys that AWS owns. */
export function kmsKeyArnOf(scope: Construct, { kmsKey, ...props }: KmsKeyProps): string | undefined {
  if (kmsKey === "create") return new EncryptionKey(scope, "key", props).key.arn;
  keepFormerKey(scope, props.address);
  return kmsKey;
}
