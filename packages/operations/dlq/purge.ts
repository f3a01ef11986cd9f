import { PurgeQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { OperationError } from "../errors";
import type { Pipeline } from "../pipeline";
import { queueCounts } from "../sqs/queue-counts";
import { deadLetterQueueOf, deadLetterQueueUrl } from "./resolve-dead-letter-queue";

/** What a purge would delete, and doing it. */
export interface Purging {
  readonly queueName: string;
  /** About so many, those among them that somebody holds. */
  readonly messages: number;
  /** @throws OperationError when the queue was purged less than a minute ago. */
  purge(): Promise<void>;
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html */
export async function purge(pipeline: Pipeline, queue: string | undefined): Promise<Purging> {
  const dlq = deadLetterQueueOf(pipeline, queue);
  const queueName = dlq.name;
  const sqs = pipeline.client(SQSClient);
  const QueueUrl = await deadLetterQueueUrl(pipeline, dlq);
  const { visible, inFlight, delayed } = await queueCounts(sqs, QueueUrl);
  return {
    queueName,
    messages: visible + inFlight + delayed,
    purge: async () => {
      await sqs.send(new PurgeQueueCommand({ QueueUrl })).catch((cause: Error) => {
        if (!/PurgeQueueInProgress/.test(cause.name)) throw cause;
        throw new OperationError(`${queueName} was purged within the last minute. SQS takes one purge a minute.`, {
          cause,
        });
      });
    },
  };
}
