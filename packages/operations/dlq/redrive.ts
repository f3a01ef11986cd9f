import type { Message } from "@aws-sdk/client-sqs";
import { type EventKey, keyText } from "@event-pipeline/event-model/item/attributes";
import pMap from "p-map";
import { type Clock, pause, RateLimiter } from "../clock";
import { UsageError } from "../errors";
import { expectedOutcomeKeyOnly } from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import { queueCounts, type SqsQueue } from "../sqs/queue-counts";
import { MAX_ENTRIES } from "../sqs/queue-sender";
import { EventTableReader } from "../table/events-table";
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
/** Milliseconds between the first two polls for the outcome. */
const FIRST_INTERVAL_MS = 250;
/** The longest interval between polls. Polls slow down because each adds one to the receive counts. */
const MAX_INTERVAL_MS = 5_000;
/** The number of consecutive counts of 0 after which a queue counts as empty, because SQS counts are approximate. */
const EMPTY_COUNTS = 2;

export interface RedriveRoute {
  readonly deadLetterQueue: SqsQueue;
  readonly destination: RedriveDestination;
  /** The consumer's queue; absent for undelivered events, because these have several destinations. */
  readonly queue?: SqsQueue;
  /** The table that the consumer writes to; absent for consumers other than the event processor. */
  readonly table?: EventTableReader;
}

export interface RedriveOptions {
  readonly filter: DeadLetterFilter;
  /** The maximum number of messages per second. @default - no limit */
  readonly rate?: number | undefined;
  /** The maximum number of milliseconds to wait for the messages' outcome. @default - no wait */
  readonly waitMs?: number | undefined;
  /** Each message's visibility timeout in seconds. @default - 30, plus 1 for every 200 messages in the queue */
  readonly leaseSeconds?: number | undefined;
  /** @default - the system's clock */
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (result: RedriveResult) => void;
  readonly onOutcome?: (outcome: RedriveOutcome) => void;
}

export interface RedriveResult {
  /** Messages that were received, except those that returned to the queue. */
  seen: number;
  sent: number;
  /** Messages that were sent, but not deleted from the dead-letter queue. The next redrive sends them again. */
  notDeleted: number;
  /** Matching messages that were not sent, because their lease ended. Another consumer may have received them. */
  leaseLost: number;
  /** The numbers of matching messages that were not sent, by reason. They stay in the dead-letter queue. */
  readonly failures: Map<string, number>;
  /** The numbers of messages that returned to the dead-letter queue, by refusal code. */
  readonly returned: Map<string, number>;
  /** True if every visible message was received. */
  complete: boolean;
  /** Messages whose release failed. They become visible again within `leaseSeconds`. */
  notReleased: number;
  leaseSeconds: number;
  /** Present when the redrive waited for the outcome. */
  outcome?: RedriveOutcome;
}

/** The numbers of redriven messages, by outcome. */
export interface RedriveOutcome {
  /** Messages whose event is in the table. */
  stored: number;
  /** Messages that are in neither queue any more. Counted only for consumers that do not write to the table. */
  consumed: number;
  /** Messages whose outcome was still unknown after `waitMs`. */
  pending: number;
}

/**
 * Finds a dead-letter queue and the destination of its messages.
 *
 * @param queue - The value of `--queue`.
 */
export async function resolveRedriveRoute(pipeline: Pipeline, queue: string | undefined): Promise<RedriveRoute> {
  const deadLetterQueue = await resolveDeadLetterQueue(pipeline, queue);
  const { consumer, isEventProcessor } = deadLetterQueue;
  if (!consumer) return { deadLetterQueue, destination: await SubscriptionDestination.open(pipeline) };
  return {
    deadLetterQueue,
    destination: await openConsumerQueue(pipeline, consumer.queueName),
    queue: await pipeline.queue(consumer.queueName),
    ...(isEventProcessor && { table: EventTableReader.of(pipeline) }),
  };
}

/**
 * Redrives matching messages, and makes the others visible again at the end. A
 * message is deleted only after its destination has accepted it. So an interrupted
 * redrive loses no message, but a message may be in both queues.
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
      "--wait does not support undelivered events, because each goes to its own subscription. Leave out --wait. To see what remains: event-pipeline dlq list --queue undelivered",
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
  /** The key of each sent message's item, by the new MessageId; undefined if the message has no item. */
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

/** Waits until each message is stored or has returned, or until the timeout. Removes these messages from `pending`. */
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
    // A message that is neither in a queue nor in the table has expired, so it will not appear later.
    if (emptyCounts > EMPTY_COUNTS || signal?.aborted || performance.now() + intervalMs > deadline) break;
    if (pending.size > 0) await pause(intervalMs, signal);
  }
  return outcome;
}

/** Returns the key of the item that the handler stores for a message; undefined if it stores none. */
function keyOf(message: Message): EventKey | undefined {
  const envelope = envelopeOf(message);
  return envelope && expectedOutcomeKeyOnly(envelope, 0).item;
}

/** Returns the MessageId under which a message was sent before it returned; undefined if it was not sent. */
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
