import type { Message } from "@aws-sdk/client-sqs";
import { type EventKey, keyText } from "@event-pipeline/event-model/item/attributes";
import pMap from "p-map";
import { type Clock, pause, RateLimiter } from "../clock";
import { UsageError } from "../errors";
import { expectedOutcomeKeyOnly } from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import { queueCounts, type SqsQueue } from "../sqs/queue-counts";
import { MAX_ENTRIES } from "../sqs/queue-sender";
import { EventsTable } from "../table/events-table";
import {
  type DeadLetterFilter,
  type DeadLetterMessage,
  envelopeOf,
  matchesFilter,
  NO_CODE,
} from "./dead-letter-message";
import { peekQueue } from "./peek-queue";
import { openConsumerQueue, type RedriveDestination } from "./queue-destination";
import { resolveDeadLetterQueue } from "./resolve-dead-letter-queue";
import { SubscriptionDestination } from "./subscription-destination";
import { VisibilityLease } from "./visibility-lease";

const CONCURRENT_BATCHES = 4;
/** Milliseconds between two polls for the outcome, at first and at most: each peek adds a receive to every message. */
const FIRST_INTERVAL_MS = 250;
const MAX_INTERVAL_MS = 5_000;
/** SQS settles its counts late, so the queue must be empty this many times in a row. */
const EMPTY_COUNTS = 2;

/** The source and the destination of a redrive. */
export interface RedriveRoute {
  readonly deadLetterQueue: SqsQueue;
  readonly destination: RedriveDestination;
  /** The consumer's queue; absent for undelivered events, which have several destinations. */
  readonly queue?: SqsQueue;
  /** The table that the consumer writes to; absent for a consumer whose work cannot be looked up. */
  readonly table?: EventsTable;
}

export interface RedriveOptions {
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
  leaseLost: number;
  /** The reasons for which matching messages were not sent, with the number for each. They stay in the queue. */
  readonly failures: Map<string, number>;
  /** Messages that returned to the dead-letter queue, by code. */
  readonly returned: Map<string, number>;
  /** True if every visible message was seen. */
  complete: boolean;
  /** Messages that could not be released; they become visible again within `leaseSeconds`. */
  notReleased: number;
  leaseSeconds: number;
  /** Present when the redrive waited for the outcome. */
  outcome?: RedriveOutcome;
}

/** The outcome of redriven messages. */
export interface RedriveOutcome {
  /** Messages whose event is in the table. */
  stored: number;
  /** Messages that left both queues, for a consumer whose work cannot be looked up. */
  consumed: number;
  /** Messages whose outcome was not known when the time was up. */
  pending: number;
}

/**
 * Finds where the messages of a dead-letter queue have to go.
 *
 * @param queue - The dead-letter queue, as `--queue` takes it.
 */
export async function resolveRedriveRoute(pipeline: Pipeline, queue: string | undefined): Promise<RedriveRoute> {
  const deadLetterQueue = await resolveDeadLetterQueue(pipeline, queue);
  const { consumer, isEventProcessor } = deadLetterQueue;
  if (!consumer) return { deadLetterQueue, destination: await SubscriptionDestination.open(pipeline) };
  return {
    deadLetterQueue,
    destination: await openConsumerQueue(pipeline, consumer.queueName),
    queue: await pipeline.queue(consumer.queueName),
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
export async function redrive(route: RedriveRoute, options: RedriveOptions): Promise<RedriveResult> {
  const { deadLetterQueue, destination, queue } = route;
  const { filter, rate, waitMs, leaseSeconds, clock, signal, onProgress } = options;
  if (waitMs !== undefined && !queue) {
    throw new UsageError(
      "--wait cannot follow undelivered events: each goes to its own subscription. Leave out --wait, then run: event-pipeline dlq list --queue undelivered",
    );
  }
  const lease = await VisibilityLease.open(deadLetterQueue, leaseSeconds, clock);
  const limiter = new RateLimiter(rate, clock);
  const result: RedriveResult = {
    seen: 0,
    sent: 0,
    notDeleted: 0,
    leaseLost: 0,
    failures: new Map(),
    returned: new Map(),
    complete: false,
    notReleased: 0,
    leaseSeconds: lease.seconds,
  };
  /** The key of the item that the handler stores for each sent message, if any, by the MessageId in its queue. */
  const keyBySentId = new Map<string, EventKey | undefined>();
  const returnedIds = new Set<string>();

  const send = async (messages: readonly DeadLetterMessage[]): Promise<void> => {
    await limiter.wait(messages.length, signal);
    if (signal?.aborted) return;
    const leased = await lease.keep(messages);
    result.leaseLost += messages.length - leased.length;
    const { idBySent, errorByFailed } = await destination.deliver(leased);
    for (const error of errorByFailed.values()) increment(result.failures, error.message);
    for (const [{ message }, id] of idBySent) {
      if (id !== undefined) keyBySentId.set(id, waitMs === undefined ? undefined : keyOf(message));
    }
    result.sent += idBySent.size;
    result.notDeleted += await lease.delete([...idBySent.keys()]);
    onProgress?.(result);
  };

  try {
    for await (const messages of lease.messages(signal)) {
      const matched: DeadLetterMessage[] = [];
      for (const message of messages) {
        const returnedId = returnedIdOf(message, keyBySentId);
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
  for (const id of returnedIds) keyBySentId.delete(id);
  const { returned } = result;
  return {
    ...result,
    outcome: await followRedrive(keyBySentId, returned, { ...route, queue }, { ...options, waitMs }),
  };
}

/** Waits until each message is stored or has returned, or until the timeout. Moves these out of `pending`. */
async function followRedrive(
  pending: Map<string, EventKey | undefined>,
  returned: Map<string, number>,
  { queue, deadLetterQueue, table }: RedriveRoute & { readonly queue: SqsQueue },
  { waitMs, signal, onOutcome }: RedriveOptions & { readonly waitMs: number },
): Promise<RedriveOutcome> {
  const outcome: RedriveOutcome = { stored: 0, consumed: 0, pending: pending.size };
  const removeReturned = (message: DeadLetterMessage) => {
    const id = returnedIdOf(message, pending);
    if (id !== undefined && pending.delete(id)) increment(returned, message.code ?? NO_CODE);
  };
  const deadline = performance.now() + waitMs;
  let intervalMs = FIRST_INTERVAL_MS;
  for (let emptyCounts = 0; pending.size > 0; intervalMs = Math.min(MAX_INTERVAL_MS, intervalMs * 1.5)) {
    const { visible, inFlight, delayed } = await queueCounts(queue);
    emptyCounts = visible + inFlight + delayed === 0 ? emptyCounts + 1 : 0;
    const stored = await table?.get([...pending.values()].filter((key) => key !== undefined));
    for (const [id, key] of pending) {
      if (key && stored?.has(keyText(key)) && pending.delete(id)) outcome.stored += 1;
    }
    if (pending.size > 0 && (await queueCounts(deadLetterQueue)).visible > 0) {
      await peekQueue(deadLetterQueue, { signal, onMessage: removeReturned });
    }
    if (emptyCounts >= EMPTY_COUNTS && !table) {
      outcome.consumed += pending.size;
      pending.clear();
    }
    outcome.pending = pending.size;
    onOutcome?.(outcome);
    // A message that is in neither queue nor the table does not appear later.
    if (emptyCounts > EMPTY_COUNTS || signal?.aborted || performance.now() + intervalMs > deadline) break;
    if (pending.size > 0) await pause(intervalMs, signal);
  }
  return outcome;
}

/** Returns the key of the item that the handler stores for the message, if any. */
function keyOf(message: Message): EventKey | undefined {
  const envelope = envelopeOf(message);
  return envelope && expectedOutcomeKeyOnly(envelope, 0).item;
}

/** Returns the id, among those that were sent, of a message that returned; undefined for any other message. */
function returnedIdOf(
  { sqsMessageId, originalMessageId }: DeadLetterMessage,
  sentIds: { has(id: string): boolean },
): string | undefined {
  return [originalMessageId, sqsMessageId].find((id) => id !== undefined && sentIds.has(id));
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}
