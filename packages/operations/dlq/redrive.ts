import type { Message } from "@aws-sdk/client-sqs";
import pMap from "p-map";
import { type Clock, Pace } from "../clock";
import { UsageError } from "../errors";
import type { Pipeline } from "../pipeline";
import type { SqsQueue } from "../sqs/queue-counts";
import { MAX_ENTRIES } from "../sqs/queue-sender";
import { EventsTable } from "../table/events-table";
import {
  type DeadLetterFilter,
  type DeadLetterMessage,
  deadLetterMessage,
  matchesFilter,
  NO_CODE,
} from "./dead-letter-message";
import { followRedrive, increment, type RedrivenMessage, type RedriveOutcome, returnedIdOf } from "./follow-redrive";
import { QueueDestination, type RedriveDestination } from "./queue-destination";
import { resolveDeadLetterQueue } from "./resolve-dead-letter-queue";
import { SubscriptionDestination } from "./subscription-destination";
import { VisibilityLease } from "./visibility-lease";

const CONCURRENT_BATCHES = 4;

/** The source and the destination of a redrive. */
export interface RedriveRoute {
  readonly deadLetterQueue: SqsQueue;
  readonly destination: RedriveDestination;
  /** The consumer's queue; absent for undelivered events, which have several destinations. */
  readonly queue?: SqsQueue;
  /** The table that the consumer writes to; absent for a consumer whose work cannot be looked up. */
  readonly table?: EventsTable;
}

export interface RedriveProps {
  readonly filter: DeadLetterFilter;
  /** The maximum number of messages per second. @default - no limit */
  readonly rate?: number | undefined;
  /** Milliseconds to wait for the outcome of the messages. @default - does not wait */
  readonly waitMs?: number | undefined;
  /** The visibility timeout of each message, in seconds. @default - 30, plus one for every 200 messages in the queue */
  readonly leaseSeconds?: number | undefined;
  /** @default - the system's clock */
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (result: RedriveResult) => void;
  readonly onOutcome?: (outcome: RedriveOutcome) => void;
}

export interface RedriveResult {
  /** Messages received, without those that returned. */
  seen: number;
  sent: number;
  /** Messages that were sent but not deleted: the next redrive sends them again. */
  notDeleted: number;
  /** Matching messages that another consumer received before they were sent. */
  lost: number;
  /** The reasons for which matching messages were not sent, with the number for each. They stay in the queue. */
  readonly failures: Map<string, number>;
  /** Messages that returned while others were being sent, by code. */
  readonly returned: Map<string, number>;
  /** True if every visible message was seen. */
  complete: boolean;
  /** Messages that could not be released; they become visible again within `leaseSeconds`. */
  notReleased: number;
  leaseSeconds: number;
  /** Present when the redrive waited for the outcome. */
  outcome?: RedriveOutcome;
}

/**
 * Finds where the messages of a dead-letter queue have to go.
 *
 * @param queue - The dead-letter queue, as `--queue` takes it.
 */
export async function resolveRedriveRoute(pipeline: Pipeline, queue: string | undefined): Promise<RedriveRoute> {
  const deadLetterQueue = await resolveDeadLetterQueue(pipeline, queue);
  const { consumer, isEventProcessor, sqs } = deadLetterQueue;
  if (!consumer) return { deadLetterQueue, destination: await SubscriptionDestination.open(pipeline) };
  return {
    deadLetterQueue,
    destination: await QueueDestination.ofPipeline(pipeline, consumer.queueName),
    queue: { sqs, queueUrl: await pipeline.queueUrl(consumer.queueName) },
    ...(isEventProcessor && { table: EventsTable.of(pipeline) }),
  };
}

/**
 * Redrives matching messages. Each leaves its queue only after its destination
 * has accepted it, so none is lost however this ends; one may be in both. The
 * other messages are released at the end.
 *
 * @throws UsageError when `waitMs` is given for undelivered events.
 * @example
 * const { sent } = await redrive(await resolveRedriveRoute(pipeline, "events"), { filter: { code: "NOT_JSON" } });
 */
export async function redrive(
  { deadLetterQueue, destination, queue, table }: RedriveRoute,
  { filter, rate, waitMs, leaseSeconds, clock, signal, onProgress, onOutcome }: RedriveProps,
): Promise<RedriveResult> {
  if (waitMs !== undefined && !queue) {
    throw new UsageError(
      "--wait cannot follow undelivered events: each goes to its own subscription. Leave out --wait, then run: event-pipeline dlq list --queue undelivered",
    );
  }
  const lease = await VisibilityLease.open(deadLetterQueue, { seconds: leaseSeconds, clock });
  const pace = new Pace(rate, clock);
  const result: RedriveResult = {
    seen: 0,
    sent: 0,
    notDeleted: 0,
    lost: 0,
    failures: new Map(),
    returned: new Map(),
    complete: false,
    notReleased: 0,
    leaseSeconds: lease.seconds,
  };
  const sentIds = new Set<string>();
  const returnedIds = new Set<string>();
  const followed: RedrivenMessage[] = [];

  const send = async (messages: readonly DeadLetterMessage[]): Promise<void> => {
    await pace.wait(messages.length, signal);
    if (signal?.aborted) return;
    const kept = new Set(await lease.keep(sqsMessagesOf(messages)));
    const ours = messages.filter(({ message }) => kept.has(message));
    result.lost += messages.length - ours.length;
    const { idBySent, errorByFailed } = await destination.deliver(ours);
    for (const error of errorByFailed.values()) increment(result.failures, error.message);
    for (const [{ message }, id] of idBySent) {
      if (id !== undefined) sentIds.add(id);
      if (waitMs !== undefined) followed.push({ sqsMessageId: id, body: message.Body ?? "" });
    }
    result.sent += idBySent.size;
    result.notDeleted += (await lease.delete(sqsMessagesOf([...idBySent.keys()]))).length;
    onProgress?.(result);
  };

  try {
    for await (const messages of lease.messages(signal)) {
      const matched: DeadLetterMessage[] = [];
      for (const message of messages.map(deadLetterMessage)) {
        const returnedId = returnedIdOf(message, sentIds);
        if (returnedId === undefined) {
          if (matchesFilter(message, filter)) matched.push(message);
          continue;
        }
        if (!returnedIds.has(returnedId)) increment(result.returned, message.code ?? NO_CODE);
        returnedIds.add(returnedId);
      }
      result.seen = lease.seen - returnedIds.size;
      const batchSize = Math.max(1, Math.floor(Math.min(MAX_ENTRIES, rate ?? MAX_ENTRIES)));
      await pMap(chunks(matched, batchSize), send, { concurrency: CONCURRENT_BATCHES });
      onProgress?.(result);
    }
    result.complete = lease.complete;
  } finally {
    result.notReleased = await lease.release();
  }
  if (waitMs === undefined || !queue) return result;
  const open = followed.filter(({ sqsMessageId = "" }) => !returnedIds.has(sqsMessageId));
  const follow = { queue, deadLetterQueue, table, timeoutMs: waitMs, signal, onProgress: onOutcome };
  return { ...result, outcome: await followRedrive(open, follow) };
}

function sqsMessagesOf(messages: readonly DeadLetterMessage[]): Message[] {
  return messages.map(({ message }) => message);
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}
