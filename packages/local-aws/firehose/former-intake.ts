import type { SqsStore } from "../fauxqs/parts";

/**
 * Takes out what waits in the queue that an earlier version kept a stream's
 * records in, and with it the queue: a data folder may still have it.
 *
 * @param take - Called with each record, in the order in which they came.
 */
export function emptyFormerIntake(sqs: SqsStore, streamArn: string, take: (record: string) => void): void {
  const name = `${streamArn.slice(streamArn.indexOf("/") + 1)}-firehose-intake`;
  const queue = sqs.getQueueByName(name);
  if (!queue) return;
  const { ready, delayed, inflight } = queue.inspectMessages();
  const messages = [...ready, ...delayed, ...inflight.map(({ message }) => message)];
  for (const { body } of messages.sort((a, b) => a.sentTimestamp - b.sentTimestamp)) take(body);
  sqs.deleteQueue(queue.url);
}
