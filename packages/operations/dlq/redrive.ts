import { type EventKey, keyText } from "@event-pipeline/event-model/item/attributes";
import pMap from "p-map";
import { toOperationError } from "../aws-errors";
import { type Clock, RateLimiter, SYSTEM_CLOCK } from "../clock";
import { type DeployedContracts, deployedContracts, NO_CONTRACTS } from "../deployed-contracts";
import { OperationError, UsageError } from "../errors";
import type { Pipeline } from "../pipeline";
import { queueCounts, type SqsQueue, totalOf } from "../sqs/queue-counts";
import { MAX_ENTRIES } from "../sqs/queue-sender";
import { EventTableReader } from "../table/events-table";
import {
  type DeadLetterFilter,
  type DeadLetterMessage,
  expectedResultOf,
  matchesFilter,
  NO_CODE,
} from "./dead-letter-message";
import { peekQueue } from "./peek-queue";
import { openConsumerQueue, type RedriveDestination } from "./queue-destination";
import { resolveDeadLetterQueue } from "./resolve-dead-letter-queue";
import { SubscriptionDestination } from "./subscription-destination";
import { type LeaseReport, VisibilityLease } from "./visibility-lease";

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
  /** The contracts and mappings by which the event processor reads events. @default - none */
  readonly contracts?: DeployedContracts;
}

export interface RedriveOptions {
  readonly filter: DeadLetterFilter;
  /** The maximum number of messages per second. @default - no limit */
  readonly rate?: number | undefined;
  /** The maximum number of milliseconds to wait for the messages' outcome. @default - no wait */
  readonly waitMs?: number | undefined;
  /** The maximum number of milliseconds to wait for messages that other consumers hold. @default - no wait */
  readonly waitForLeasesMs?: number | undefined;
  /** Each message's visibility timeout in seconds. @default - 30, plus 1 for every 200 messages in the queue */
  readonly leaseSeconds?: number | undefined;
  /** @default - the system's clock */
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Pick<RedriveCounts, "seen" | "sent">) => void;
  readonly onOutcome?: (outcome: RedriveOutcome) => void;
}

/** The numbers of messages. Those that match the filter are in at most one of the other numbers, except `deleted`. */
export interface RedriveCounts {
  /** Messages that were received, except those that returned to the queue. */
  readonly seen: number;
  /** Messages that their destination accepted. */
  readonly sent: number;
  /** Sent messages whose deletion SQS confirmed. The next redrive sends the others again. */
  readonly deleted: number;
  /** Messages that stay in the dead-letter queue, although their destination may have accepted them. */
  readonly unconfirmed: number;
  /** Messages that were not sent, because their lease ended. Another consumer may have received them. */
  readonly leaseLost: number;
  /** The numbers of messages that stay in the dead-letter queue, by reason. */
  readonly failures: ReadonlyMap<string, number>;
  /** The numbers of sent messages that the event processor refuses by its present contracts, by refusal code. */
  readonly refused: ReadonlyMap<string, number>;
  /** The numbers of messages that returned to the dead-letter queue, by refusal code. */
  readonly returned: ReadonlyMap<string, number>;
}

/** `stoppedBy` is the error that ended the redrive, the deliveries to one destination, or the wait for the outcome. */
export interface RedriveResult extends LeaseReport, RedriveCounts {
  /** Present when the redrive waited for the outcome. */
  readonly outcome?: RedriveOutcome;
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
 * @throws the error from AWS if the deployed contracts cannot be read. Without them, neither the type of an event nor its
 * key in the table is known.
 */
export async function resolveRedriveRoute(pipeline: Pipeline, queue: string | undefined): Promise<RedriveRoute> {
  const deadLetterQueue = await resolveDeadLetterQueue(pipeline, queue);
  const { consumer, isEventProcessor } = deadLetterQueue;
  const contracts = await deployedContracts(pipeline);
  if (!consumer) {
    return { deadLetterQueue, contracts, destination: await SubscriptionDestination.open(pipeline, contracts) };
  }
  return {
    deadLetterQueue,
    contracts,
    destination: await openConsumerQueue(pipeline, consumer.queueName, contracts),
    queue: await pipeline.queue(consumer.queueName),
    ...(isEventProcessor && { table: EventTableReader.of(pipeline) }),
  };
}

/**
 * Redrives matching messages, and makes the others visible again at the end. A
 * message is deleted only after its destination has accepted it. So an interrupted
 * redrive loses no message, but a message may be in both queues.
 *
 * @throws UsageError when `waitMs` is given for undelivered events, and the error of the first request.
 * @example
 * const { sent } = await redrive(await resolveRedriveRoute(pipeline, "events"), { filter: { code: "NOT_JSON" } });
 */
export async function redrive(route: RedriveRoute, options: RedriveOptions): Promise<RedriveResult> {
  const { deadLetterQueue, queue } = route;
  const { waitMs, leaseSeconds, clock } = options;
  if (waitMs !== undefined && !queue) {
    throw new UsageError(
      "--wait does not support undelivered events, because each goes to its own subscription. Leave out --wait.",
    );
  }
  const work = new Redrive(route, options, await VisibilityLease.open(deadLetterQueue, leaseSeconds, clock));
  const result = await work.run();
  if (waitMs === undefined || !queue) return result;
  return followRedrive(result, work.awaited, { ...route, queue }, { ...options, waitMs });
}

/** The state of a message that was to be sent: an error if its destination did not accept it. */
type SendState = "deleted" | "sent" | "unconfirmed" | "leaseLost" | Error;

/** The result for a consumer other than the event processor. */
const NOT_JUDGED: ReturnType<typeof expectedResultOf> = {};

/** The state of one redrive. */
class Redrive {
  private readonly stateById = new Map<string, SendState>();
  /** The key of each sent message's item, by the new MessageId; undefined if the message has no item. */
  private readonly keyBySentId = new Map<string, EventKey | undefined>();
  /** The MessageIds of dead letters that returned. A message that the consumer received twice returns twice. */
  private readonly returnedIds = new Set<string>();
  /** The refusal code of each message that returned, by the MessageId with which it was sent. */
  private readonly codeByReturnedId = new Map<string, string>();
  private readonly refused = new Map<string, number>();
  private readonly limiter: RateLimiter;
  private concurrency = 1;
  sent = 0;

  constructor(
    private readonly route: RedriveRoute,
    private readonly options: RedriveOptions,
    private readonly lease: VisibilityLease,
  ) {
    this.limiter = new RateLimiter(options.rate, options.clock);
  }

  get seen(): number {
    return this.lease.seen - this.returnedIds.size;
  }

  /** The sent messages that have not returned: the keys of their items, by MessageId. */
  get awaited(): Map<string, EventKey | undefined> {
    return new Map([...this.keyBySentId].filter(([id]) => !this.codeByReturnedId.has(id)));
  }

  async run(): Promise<RedriveResult> {
    const { lease } = this;
    const { rate, signal, waitForLeasesMs: waitMs, onProgress } = this.options;
    const { mapping } = (this.route.contracts ?? NO_CONTRACTS).current;
    const batchSize = Math.max(1, Math.floor(Math.min(MAX_ENTRIES, rate ?? MAX_ENTRIES)));
    try {
      for await (const messages of lease.messages({ signal, waitMs, mapping })) {
        const batches = chunks(this.matching(messages), batchSize);
        await pMap(batches, (batch) => this.send(batch), { concurrency: this.concurrency });
        onProgress?.(this);
      }
    } finally {
      await lease.release();
    }
    const causes = [...this.stateById.values()].map((state) => (state instanceof Error ? state.cause : undefined));
    const failedDestination = causes.find((cause) => cause instanceof OperationError);
    if (failedDestination) lease.stop(failedDestination);
    return { ...lease.report(this.returnedIds.size), ...this.counts() };
  }

  /** Returns the messages that match the filter, except those that returned. */
  private matching(messages: readonly DeadLetterMessage[]): DeadLetterMessage[] {
    return messages.filter((message) => {
      const returnedId = returnedIdOf(message, this.keyBySentId);
      if (returnedId !== undefined) {
        this.returnedIds.add(message.sqsMessageId);
        this.codeByReturnedId.set(returnedId, message.code ?? NO_CODE);
      }
      return returnedId === undefined && matchesFilter(message, this.options.filter);
    });
  }

  private async send(messages: readonly DeadLetterMessage[]): Promise<void> {
    const { lease, stateById, keyBySentId, refused } = this;
    const { signal, onProgress } = this.options;
    await this.limiter.wait(messages.length, signal);
    if (signal?.aborted || lease.stoppedBy) return;
    // A message that was sent is received again if its lease ended before its deletion.
    const isSent = ({ sqsMessageId }: DeadLetterMessage) => {
      const state = stateById.get(sqsMessageId);
      return state === "sent" || state === "deleted";
    };
    for (const message of messages) if (!isSent(message)) stateById.set(message.sqsMessageId, "leaseLost");
    const leased = await lease.keep(messages);
    const unsent = leased.filter((message) => !isSent(message));
    const { idBySent, errorByFailed, unconfirmed = [], stoppedBy } = await this.route.destination.deliver(unsent);
    if (stoppedBy) lease.stop(stoppedBy);
    for (const { sqsMessageId } of unsent) stateById.delete(sqsMessageId);
    for (const { sqsMessageId } of unconfirmed) stateById.set(sqsMessageId, "unconfirmed");
    for (const [{ sqsMessageId }, error] of errorByFailed) stateById.set(sqsMessageId, error);
    for (const [{ message, sqsMessageId }, id] of idBySent) {
      stateById.set(sqsMessageId, "sent");
      this.sent += 1;
      const { table, contracts = NO_CONTRACTS } = this.route;
      const { key, code } = table ? expectedResultOf(message, contracts) : NOT_JUDGED;
      if (code !== undefined) increment(refused, code);
      if (id !== undefined) keyBySentId.set(id, key);
    }
    for (const { sqsMessageId } of await lease.delete(leased.filter(isSent))) {
      stateById.set(sqsMessageId, "deleted");
      // Until the first deletion succeeds, at most one batch can be in both queues.
      this.concurrency = CONCURRENT_BATCHES;
    }
    onProgress?.(this);
  }

  private counts(): RedriveCounts {
    const { seen, sent, refused, codeByReturnedId } = this;
    const numbers = { deleted: 0, sent: 0, unconfirmed: 0, leaseLost: 0 };
    const failures = new Map<string, number>();
    const returned = new Map<string, number>();
    for (const state of this.stateById.values()) {
      if (state instanceof Error) increment(failures, state.message);
      else numbers[state] += 1;
    }
    for (const code of codeByReturnedId.values()) increment(returned, code);
    return { ...numbers, seen, sent, failures, refused, returned };
  }
}

/** Waits until each message is stored or has returned, or until the timeout, and adds the outcome to the result. */
async function followRedrive(
  result: RedriveResult,
  pending: Map<string, EventKey | undefined>,
  { queue, deadLetterQueue, table }: RedriveRoute & { readonly queue: SqsQueue },
  { waitMs, signal, clock = SYSTEM_CLOCK, onOutcome }: RedriveOptions & { readonly waitMs: number },
): Promise<RedriveResult> {
  const outcome: RedriveOutcome = { stored: 0, consumed: 0, pending: pending.size };
  const returned = new Map(result.returned);
  let { stoppedBy, stillLeased, leasedUntil, releaseError } = result;
  const removeReturned = (message: DeadLetterMessage) => {
    const id = returnedIdOf(message, pending);
    if (id !== undefined && pending.delete(id)) increment(returned, message.code ?? NO_CODE);
  };
  const deadline = clock.now() + waitMs;
  let intervalMs = FIRST_INTERVAL_MS;
  let emptyCounts = 0;
  /** Returns whether the outcome may change. */
  const look = async () => {
    emptyCounts = totalOf(await queueCounts(queue)) === 0 ? emptyCounts + 1 : 0;
    const stored = await table?.get([...pending.values()].filter((key) => key !== undefined));
    for (const [id, key] of pending) {
      if (key && stored?.has(keyText(key)) && pending.delete(id)) outcome.stored += 1;
    }
    if (pending.size > 0 && (await queueCounts(deadLetterQueue)).visible > 0) {
      const peeked = await peekQueue(deadLetterQueue, { signal, onMessage: removeReturned });
      if (peeked.stillLeased > 0) ({ stillLeased, leasedUntil, releaseError = releaseError } = peeked);
      if (peeked.stoppedBy) throw peeked.stoppedBy;
    }
    if (emptyCounts >= EMPTY_COUNTS && !table) {
      outcome.consumed += pending.size;
      pending.clear();
    }
    // A message that is neither in a queue nor in the table has expired, so it will not appear later.
    return pending.size > 0 && emptyCounts <= EMPTY_COUNTS;
  };
  try {
    while (pending.size > 0 && (await look())) {
      outcome.pending = pending.size;
      onOutcome?.(outcome);
      if (signal?.aborted || clock.now() + intervalMs > deadline) break;
      await clock.pause(intervalMs, signal);
      intervalMs = Math.min(MAX_INTERVAL_MS, intervalMs * 1.5);
    }
  } catch (error) {
    stoppedBy ??= toOperationError(error, queue.target);
  }
  outcome.pending = pending.size;
  const errors = { ...(stoppedBy && { stoppedBy }), ...(releaseError && { releaseError }) };
  return { ...result, returned, outcome, stillLeased, leasedUntil, ...errors };
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
