import { type ConsumerNames, subscriberNames } from "@event-pipeline/event-model/resource-names";
import { isMissing } from "../aws-errors";
import { NotDeployedError, UsageError } from "../errors";
import type { Pipeline } from "../pipeline";
import type { SqsQueue } from "../sqs/queue-counts";

/** A dead-letter queue of a pipeline. */
export interface ResolvedQueue extends SqsQueue {
  readonly name: string;
  /** The consumer that the messages failed in; undefined for events that SNS could not deliver. */
  readonly consumer: ConsumerNames | undefined;
  /** True if the consumer is the event processor, which writes to the events table. */
  readonly isEventProcessor: boolean;
}

/** Ids of subscribers contain no hyphen, so a pipeline with a longer name is not mistaken for one. */
export const SUBSCRIBER_ID = /^[a-z][a-z0-9]{1,11}$/;

/**
 * Finds a dead-letter queue.
 *
 * @param queue - `events`, a subscriber's id, `undelivered`, or a queue's whole name, as `--queue` takes it.
 * @throws UsageError when the name is none of them; NotDeployedError when the queue does not exist.
 * @example
 * const { queueUrl } = await resolveDeadLetterQueue(pipeline, "undelivered");
 */
export async function resolveDeadLetterQueue(pipeline: Pipeline, queue = "events"): Promise<ResolvedQueue> {
  const { name: pipelineName, names, processor } = pipeline;
  const open = async (name: string, consumer?: ConsumerNames): Promise<ResolvedQueue> => ({
    ...(await pipeline.queue(name)),
    name,
    consumer,
    isEventProcessor: consumer === processor,
  });
  if (["undelivered", names.undeliveredQueue].includes(queue)) return open(names.undeliveredQueue);
  if (["events", processor.deadLetterQueueName].includes(queue)) return open(processor.deadLetterQueueName, processor);
  const id = queue.startsWith(`${pipelineName}-`) ? queue.slice(pipelineName.length + 1).replace(/-dlq$/, "") : queue;
  if (!SUBSCRIBER_ID.test(id)) {
    throw new UsageError(
      `Unknown dead-letter queue ${JSON.stringify(queue)}: expected --queue events, undelivered, a subscriber's id, or a queue's whole name.`,
    );
  }
  const consumer = subscriberNames(pipelineName, id);
  try {
    return await open(consumer.deadLetterQueueName, consumer);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new NotDeployedError(
      `Queue ${consumer.deadLetterQueueName} does not exist in ${pipeline.description}. Check that a subscriber has the id given with --queue. To list the queues: event-pipeline status`,
      { cause },
    );
  }
}
