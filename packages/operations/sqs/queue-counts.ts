import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { OperationError } from "../errors";
import { retryOnThrottle } from "../retry";

/** A queue, and a client for it. */
export interface SqsQueue {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** The queue's pipeline, as error messages name it. */
  readonly target: string;
}

/** The approximate numbers of messages in a queue. They may lag behind by up to a minute. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** Returns the number of all messages in a queue. */
export function totalOf({ visible, inFlight, delayed }: QueueCounts): number {
  return visible + inFlight + delayed;
}

/**
 * Returns a queue's message counts.
 *
 * @throws OperationError when the response lacks a count.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
 * @example
 * const { visible } = await queueCounts({ sqs, queueUrl });
 */
export async function queueCounts(
  { sqs, queueUrl }: Pick<SqsQueue, "sqs" | "queueUrl">,
  signal?: AbortSignal,
): Promise<QueueCounts> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesDelayed",
    ],
  });
  const { Attributes } = await retryOnThrottle(() => sqs.send(command, signal && { abortSignal: signal }));
  const count = (suffix: "" | "NotVisible" | "Delayed") => {
    const text = Attributes?.[`ApproximateNumberOfMessages${suffix}`];
    if (text === undefined) {
      throw new OperationError(`SQS GetQueueAttributes returned no message counts for ${queueUrl}. Try again later.`);
    }
    return Number(text);
  };
  return { visible: count(""), inFlight: count("NotVisible"), delayed: count("Delayed") };
}
