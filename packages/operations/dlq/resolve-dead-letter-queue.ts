import { type ConsumerNames, subscriberNames } from "@event-pipeline/event-model/resource-names";
import { isMissing } from "../aws-errors";
import { NotDeployedError, UsageError } from "../errors";
import type { Pipeline } from "../pipeline";
import type { SqsQueue } from "../sqs/queue-counts";

/** A pipeline's dead-letter queue, and the consumer that it belongs to. */
export interface ResolvedQueue extends SqsQueue {
  readonly name: string;
  /** The consumer that could not process the messages; undefined for the queue of undelivered events. */
  readonly consumer: ConsumerNames | undefined;
  /** True if the consumer is the event processor, which writes to the events table. */
  readonly isEventProcessor: boolean;
}

/** A subscriber's ID. It has no hyphen: `alice-x-b-queue` belongs to the pipeline `alice-x`, not to `alice`. */
export const SUBSCRIBER_ID = /^[a-z][a-z0-9]{1,11}$/;

/**
 * Finds a dead-letter queue.
 *
 * @param queue - The value of `--queue`: `events`, `undelivered`, a subscriber's ID, or a dead-letter queue's full name.
 * @throws UsageError for any other value; NotDeployedError when the queue does not exist.
 * @example
 * const { queueUrl } = await resolveDeadLetterQueue(pipeline, "undelivered");
 */
export async function resolveDeadLetterQueue(
  pipeline: Pipeline,
  queue = "events",
  signal?: AbortSignal,
): Promise<ResolvedQueue> {
  const { name: pipelineName, names, processor } = pipeline;
  const open = async (name: string, consumer?: ConsumerNames): Promise<ResolvedQueue> => ({
    ...(await pipeline.queue(name, signal)),
    name,
    consumer,
    isEventProcessor: consumer === processor,
  });
  if (["undelivered", names.undeliveredQueue].includes(queue)) return open(names.undeliveredQueue);
  if (["events", processor.deadLetterQueueName].includes(queue)) return open(processor.deadLetterQueueName, processor);
  const id = queue.startsWith(`${pipelineName}-`) ? queue.slice(pipelineName.length + 1).replace(/-dlq$/, "") : queue;
  if (!SUBSCRIBER_ID.test(id)) {
    throw new UsageError(
      `Unknown dead-letter queue ${JSON.stringify(queue)}: expected --queue events, undelivered, a subscriber's ID, or a dead-letter queue's full name.`,
    );
  }
  const consumer = subscriberNames(pipelineName, id);
  try {
    return await open(consumer.deadLetterQueueName, consumer);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new NotDeployedError(
      `Queue ${consumer.deadLetterQueueName} does not exist in ${pipeline.description}. Check the subscriber's ID in --queue. To list the queues: ${pipeline.cliCommand("status")}`,
      { cause },
    );
  }
}
