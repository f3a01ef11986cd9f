import type { DeliveryStreamEncryptionConfigurationInput } from "@aws-sdk/client-firehose";
import { invalidArgument } from "./errors";

/** @throws AwsError for an unknown type of key, and for a key that does not fit its type. */
export function validateEncryption({ KeyType, KeyARN }: DeliveryStreamEncryptionConfigurationInput): void {
  if (KeyType === "CUSTOMER_MANAGED_CMK" ? KeyARN !== undefined : KeyType === "AWS_OWNED_CMK" && KeyARN === undefined)
    return;
  throw invalidArgument(
    `Invalid KeyType ${KeyType} ${KeyARN === undefined ? "without" : "with"} a KeyARN: expected CUSTOMER_MANAGED_CMK with a KeyARN, or AWS_OWNED_CMK without one.`,
  );
}
