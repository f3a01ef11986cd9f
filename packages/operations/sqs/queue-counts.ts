import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { retryOnThrottle } from "../retry";

/** A queue, and a client for it. */
export interface SqsQueue {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
}

/** The approximate numbers of messages in a queue. They may lag behind by up to a minute. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/**
 * Returns a queue's message counts.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
 * @example
 * const { visible } = await queueCounts({ sqs, queueUrl });
 */
export async function queueCounts({ sqs, queueUrl }: SqsQueue): Promise<QueueCounts> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesDelayed",
    ],
  });
  const { Attributes = {} } = await retryOnThrottle(() => sqs.send(command));
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}
