import type { SqsQueueConfig } from "@cdktf/provider-aws/lib/sqs-queue";

/**
 * One MiB, the most that SQS allows. An envelope escapes the quotes of what was
 * published, and a dead letter has the reason beside it: with the provider's own
 * default of 256 KiB an event that SNS takes might fit into no queue.
 */
const MAX_MESSAGE_BYTES = 1_024 * 1_024;

export interface QueueConfigProps {
  readonly kmsKeyArn?: string | undefined;
  /** Whether Terraform refuses to plan the queue's end, and that of the events in it. */
  readonly retainData: boolean;
}

/**
 * What is the same of every queue: how large a message may be, whether it is
 * kept, and encryption at rest, with the customer's key or with one that SQS owns. Never
 * `alias/aws/sqs`, under which a queue cannot receive from SNS.
 */
export function queueConfig({ kmsKeyArn, retainData }: QueueConfigProps): Partial<SqsQueueConfig> {
  return {
    maxMessageSize: MAX_MESSAGE_BYTES,
    ...(retainData && { lifecycle: { preventDestroy: true } }),
    ...(kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: kmsKeyArn }),
  };
}
