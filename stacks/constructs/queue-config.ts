import type { SqsQueueConfig } from "@cdktf/provider-aws/lib/sqs-queue";
import type { SharedProps } from "./shared-props";

const DAY_SECONDS = 86_400;

/**
 * 1 MiB, the maximum that SQS allows. The provider's default, 256 KiB, is too small: SNS accepts events of that size,
 * and its envelope and a dead letter's error attributes make the message larger.
 */
const MAX_MESSAGE_BYTES = 1_024 * 1_024;

/**
 * Returns the configuration that all queues share.
 *
 * Queues use a customer managed key or SSE-SQS, never `alias/aws/sqs`: SNS cannot deliver to a queue that is encrypted
 * with that key.
 */
export function queueConfig({ kmsKeyArn, retainData }: SharedProps, retentionDays: number): SqsQueueConfig {
  return {
    messageRetentionSeconds: retentionDays * DAY_SECONDS,
    maxMessageSize: MAX_MESSAGE_BYTES,
    ...(retainData && { lifecycle: { preventDestroy: true } }),
    ...(kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: kmsKeyArn }),
  };
}
