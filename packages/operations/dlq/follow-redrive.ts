import type { EventKey } from "@event-pipeline/event-model/item/attributes";
import { pause } from "../clock";
import { expectedKey } from "../expected-item";
import { queueCounts, type SqsQueue } from "../sqs/queue-counts";
import { type EventsTable, keyText } from "../table/events-table";
import { type DeadLetterMessage, envelopeOf, NO_CODE } from "./dead-letter-message";
import { peekQueue } from "./peek-queue";

/** A message that was redriven. */
export interface RedrivenMessage {
  /** The MessageId in the queue that it was sent to; undefined when it was sent to Firehose. */
  readonly sqsMessageId: string | undefined;
  readonly body: string;
}

export interface FollowProps {
  /** The queue that the messages were sent to. */
  readonly queue: SqsQueue;
  readonly deadLetterQueue: SqsQueue;
  /** The table that the queue's consumer writes to; undefined for a consumer whose work cannot be looked up. */
  readonly table: EventsTable | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((outcome: RedriveOutcome) => void) | undefined;
}

/** The outcome of redriven messages. */
export interface RedriveOutcome {
  /** Messages whose event is in the table. */
  stored: number;
  /** Messages that returned to the dead-letter queue, by code. */
  readonly returned: Map<string, number>;
  /** Messages that left both queues, for a consumer whose work cannot be looked up. */
  consumed: number;
  /** Messages whose outcome was not known when the time was up. */
  pending: number;
}

/** Milliseconds between two polls, at first and at most: each peek adds a receive to every message. */
const FIRST_INTERVAL_MS = 250;
const MAX_INTERVAL_MS = 5_000;
/** SQS settles its counts late, so the queue must be empty this many times in a row. */
const EMPTY_COUNTS = 2;

/** Waits until each message is stored or has returned, or until the timeout. */
export async function followRedrive(
  sent: readonly RedrivenMessage[],
  { queue, deadLetterQueue, table, timeoutMs, signal, onProgress }: FollowProps,
): Promise<RedriveOutcome> {
  const pending = new Map<string, EventKey | undefined>();
  for (const { sqsMessageId, body } of sent) if (sqsMessageId !== undefined) pending.set(sqsMessageId, keyOf(body));
  const outcome: RedriveOutcome = { stored: 0, returned: new Map(), consumed: 0, pending: pending.size };
  const deadline = performance.now() + timeoutMs;
  let intervalMs = FIRST_INTERVAL_MS;
  for (let emptyCounts = 0; pending.size > 0; intervalMs = Math.min(MAX_INTERVAL_MS, intervalMs * 1.5)) {
    const { visible, inFlight, delayed } = await queueCounts(queue);
    emptyCounts = visible + inFlight + delayed === 0 ? emptyCounts + 1 : 0;
    if (table) outcome.stored += await removeStored(pending, table);
    if (pending.size > 0 && (await queueCounts(deadLetterQueue)).visible > 0) {
      await removeReturned(pending, outcome.returned, deadLetterQueue, signal);
    }
    if (emptyCounts >= EMPTY_COUNTS && !table) {
      outcome.consumed += pending.size;
      pending.clear();
    }
    outcome.pending = pending.size;
    onProgress?.(outcome);
    // A message that is in neither queue nor the table does not appear later.
    if (emptyCounts > EMPTY_COUNTS || signal?.aborted || performance.now() + intervalMs > deadline) break;
    if (pending.size > 0) await pause(intervalMs, signal);
  }
  return outcome;
}

/** Returns the id, among those that were sent, of a message that returned; undefined for any other message. */
export function returnedIdOf(
  { sqsMessageId, originalMessageId }: DeadLetterMessage,
  sentIds: { has(id: string): boolean },
): string | undefined {
  return [originalMessageId, sqsMessageId].find((id) => id !== undefined && sentIds.has(id));
}

export function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

async function removeStored(pending: Map<string, EventKey | undefined>, table: EventsTable): Promise<number> {
  const keys = [...pending.values()].filter((key) => key !== undefined);
  const found = await table.get(keys);
  let stored = 0;
  for (const [id, key] of pending) if (key && found.has(keyText(key)) && pending.delete(id)) stored += 1;
  return stored;
}

async function removeReturned(
  pending: Map<string, unknown>,
  returned: Map<string, number>,
  queue: SqsQueue,
  signal: AbortSignal | undefined,
): Promise<void> {
  await peekQueue(queue, {
    signal,
    onMessage: (message) => {
      const id = returnedIdOf(message, pending);
      if (id !== undefined && pending.delete(id)) increment(returned, message.code ?? NO_CODE);
      return undefined;
    },
  });
}

/** Returns the key of the item that the handler stores for the message, if any. */
function keyOf(body: string): EventKey | undefined {
  const envelope = envelopeOf({ Body: body });
  return envelope && expectedKey(envelope, 0).item;
}
