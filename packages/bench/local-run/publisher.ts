import { setTimeout as sleep } from "node:timers/promises";
import { PublishBatchCommand, PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { eventOf } from "../events";

const BATCH = 10;
const PARALLEL_CALLS = 4;

/** Publishes as fast as the topic takes it. */
export async function publishAll(sns: SNSClient, TopicArn: string, ids: readonly string[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, index) =>
    ids.slice(index * BATCH, (index + 1) * BATCH),
  );
  const publishNext = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const PublishBatchRequestEntries = batch.map((id, index) => ({ Id: String(index), Message: messageOf(id) }));
      const { Failed = [] } = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
      if (Failed.length > 0) throw new Error(`SNS refused ${Failed.length} events: ${Failed[0]?.Message}`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_CALLS }, publishNext));
}

/** Publishes one event at a time, at a steady rate, and says when each was sent. */
export async function publishSteadily(
  sns: SNSClient,
  TopicArn: string,
  ids: readonly string[],
  perSecond: number,
): Promise<Map<string, number>> {
  const sentAt = new Map<string, number>();
  const start = performance.now();
  const calls: Promise<unknown>[] = [];
  for (const [index, id] of ids.entries()) {
    const dueMs = start + (index * 1_000) / perSecond - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    sentAt.set(id, performance.now());
    calls.push(sns.send(new PublishCommand({ TopicArn, Message: messageOf(id) })));
  }
  await Promise.all(calls);
  return sentAt;
}

function messageOf(id: string): string {
  return JSON.stringify(eventOf(id));
}
