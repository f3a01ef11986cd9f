import type { SqsQueueConfig } from "@cdktf/provider-aws/lib/sqs-queue";
import type { SharedProps } from "./shared-props";

const DAY_SECONDS = 86_400;

/**
 * 1 MiB, the maximum of SQS. An envelope escapes the quotes of the published text, and a dead letter also contains the
 * reason: with the provider's default of 256 KiB, some events that SNS accepts would fit into no queue.
 */
const MAX_MESSAGE_BYTES = 1_024 * 1_024;

/**
 * Returns the configuration that all queues have in common.
 *
 * The key is the customer's or one that SQS owns. It is never `alias/aws/sqs`, because SNS cannot deliver to a queue
 * under that key.
 */
export function queueConfig({ kmsKeyArn, retainData }: SharedProps, retentionDays: number): SqsQueueConfig {
  return {
    messageRetentionSeconds: retentionDays * DAY_SECONDS,
    maxMessageSize: MAX_MESSAGE_BYTES,
    ...(retainData && { lifecycle: { preventDestroy: true } }),
    ...(kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: kmsKeyArn }),
  };
}
