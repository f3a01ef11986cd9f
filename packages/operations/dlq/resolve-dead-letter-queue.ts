import { type ConsumerNames, subscriberNames } from "@event-pipeline/event-model/resource-names";
import { isMissing } from "../aws-errors";
import { NotDeployedError, UsageError } from "../errors";
import type { Pipeline } from "../pipeline";

/** A dead-letter queue of the pipeline. */
export interface DeadLetterQueue {
  readonly name: string;
  /** Whose letters they are; undefined for what SNS could not deliver, which is nobody's yet. */
  readonly consumer: ConsumerNames | undefined;
  /** Whether its events are those of the table. */
  readonly isProcessor: boolean;
}

const ID = /^[a-z][a-z0-9]{1,11}$/;

/**
 * @param queue - `events`, a subscriber's id, `undelivered`, or the name of a queue of those.
 * @default - that of the event processor
 * @throws UsageError when it is none of them.
 */
export function deadLetterQueueOf({ name, names, processor }: Pipeline, queue = "events"): DeadLetterQueue {
  if (["undelivered", names.undeliveredQueue].includes(queue)) {
    return { name: names.undeliveredQueue, consumer: undefined, isProcessor: false };
  }
  if (["events", processor.deadLetterQueueName].includes(queue)) {
    return { name: processor.deadLetterQueueName, consumer: processor, isProcessor: true };
  }
  const id = queue.startsWith(`${name}-`) ? queue.slice(name.length + 1).replace(/-dlq$/, "") : queue;
  if (!ID.test(id)) {
    throw new UsageError(
      `There is no dead-letter queue ${JSON.stringify(queue)}. Give --queue events, undelivered, a subscriber's id, or a queue's whole name.`,
    );
  }
  const consumer = subscriberNames(name, id);
  return { name: consumer.deadLetterQueueName, consumer, isProcessor: false };
}

/** @throws NotDeployedError that asks for the id, when it is a subscriber's and not there. */
export async function deadLetterQueueUrl(
  pipeline: Pipeline,
  { name, consumer, isProcessor }: DeadLetterQueue,
): Promise<string> {
  try {
    return await pipeline.queueUrl(name);
  } catch (cause) {
    if (!isMissing(cause) || !consumer || isProcessor) throw cause;
    throw new NotDeployedError(
      `There is no queue ${name} in ${pipeline.description}. Has it a subscriber of that id (--queue)? Its queues: event-pipeline status`,
      { cause },
    );
  }
}
