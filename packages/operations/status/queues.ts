import { paginateListQueues, SQSClient } from "@aws-sdk/client-sqs";
import { subscriberNames } from "@event-pipeline/event-model/resource-names";
import { SUBSCRIBER_ID } from "../dlq/resolve-dead-letter-queue";
import type { Pipeline } from "../pipeline";
import { type QueueCounts, queueCounts } from "../sqs/queue-counts";

export interface QueueStatus extends QueueCounts {
  readonly name: string;
  readonly role: "queue" | "dead-letter queue" | "undelivered";
  /** The consumer, `events` or a subscriber's id; undefined for the queue of undelivered events. */
  readonly consumer: string | undefined;
}

/** Lists the queues of the pipeline and of its subscribers with their counts, the event processor's first. */
export async function queuesOf(pipeline: Pipeline, signal: AbortSignal): Promise<QueueStatus[]> {
  const { name, names } = pipeline;
  const sqs = pipeline.client(SQSClient);
  const found: QueueStatus[] = [];
  const pages = paginateListQueues(
    { client: sqs },
    { QueueNamePrefix: `${name}-`, MaxResults: 1_000 },
    { abortSignal: signal },
  );
  for await (const { QueueUrls = [] } of pages) {
    for (const url of QueueUrls) {
      const queueName = url.slice(url.lastIndexOf("/") + 1);
      const part = partOf(queueName, name, names.undeliveredQueue);
      if (part) found.push({ name: queueName, ...part, ...(await queueCounts({ sqs, queueUrl: url })) });
    }
  }
  const order = ({ consumer, role }: QueueStatus) =>
    `${consumer === "events" ? 0 : consumer === undefined ? 2 : 1}${consumer}${role === "queue" ? 0 : 1}`;
  return found.sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

/** Returns the queues that are missing: those of the pipeline, and of subscribers that have only one of their two. */
export function missingQueues({ name, names, processor }: Pipeline, found: readonly QueueStatus[]): string[] {
  const subscribers = found.flatMap(({ consumer }) => (consumer ? [subscriberNames(name, consumer)] : []));
  const expected = [processor, ...subscribers].flatMap((consumer) => [
    consumer.queueName,
    consumer.deadLetterQueueName,
  ]);
  const seen = new Set(found.map((queue) => queue.name));
  return [...new Set([...expected, names.undeliveredQueue])].filter((queueName) => !seen.has(queueName));
}

function partOf(
  queueName: string,
  name: string,
  undelivered: string,
): Pick<QueueStatus, "role" | "consumer"> | undefined {
  if (queueName === undelivered) return { role: "undelivered", consumer: undefined };
  const consumer = queueName.slice(name.length + 1).replace(/-(queue|dlq)$/, "");
  if (!SUBSCRIBER_ID.test(consumer)) return undefined;
  const names = subscriberNames(name, consumer);
  if (queueName === names.queueName) return { role: "queue", consumer };
  return queueName === names.deadLetterQueueName ? { role: "dead-letter queue", consumer } : undefined;
}
