import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { OperationError } from "../errors";
import type { Pipeline } from "../pipeline";
import { queueCounts } from "../sqs/queue-counts";
import { resolveDeadLetterQueue } from "./resolve-dead-letter-queue";

/**
 * Counts the messages in a dead-letter queue, including messages in flight and delayed messages.
 * The returned function `purge` deletes them.
 *
 * @param queue - The value of `--queue`.
 * @throws OperationError from `purge` when the queue was purged less than 60 seconds ago.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
 * @example
 * const { messages, purge } = await preparePurge(pipeline, "events");
 */
export async function preparePurge(pipeline: Pipeline, queue: string | undefined) {
  const resolved = await resolveDeadLetterQueue(pipeline, queue);
  const { sqs, queueUrl, name } = resolved;
  const { visible, inFlight, delayed } = await queueCounts(resolved);
  return {
    queueName: name,
    messages: visible + inFlight + delayed,
    purge: async () => {
      await sqs.send(new PurgeQueueCommand({ QueueUrl: queueUrl })).catch((cause: Error) => {
        if (!/PurgeQueueInProgress/.test(cause.name)) throw cause;
        throw new OperationError(
          `${name} was purged less than 60 seconds ago. SQS allows one purge every 60 seconds. Try again later.`,
          { cause },
        );
      });
    },
  };
}
