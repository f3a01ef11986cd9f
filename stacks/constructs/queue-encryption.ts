import type { SqsQueueConfig } from "@cdktf/provider-aws/lib/sqs-queue";

/** Five minutes, SQS's default, between calls to KMS for a new data key. */
const DATA_KEY_REUSE_SECONDS = 300;

/**
 * A queue's encryption at rest: with the customer's key, or with one that SQS
 * owns. Never `alias/aws/sqs`, under which a queue cannot receive from SNS.
 */
export function queueEncryption(kmsKeyArn: string | undefined): Partial<SqsQueueConfig> {
  return kmsKeyArn === undefined
    ? { sqsManagedSseEnabled: true }
    : { kmsMasterKeyId: kmsKeyArn, kmsDataKeyReusePeriodSeconds: DATA_KEY_REUSE_SECONDS };
}
