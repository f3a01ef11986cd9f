import type { SQSClient } from "@aws-sdk/client-sqs";
import type { EventKey } from "@event-pipeline/event-model/item/attributes";
import { expectedOf } from "../expected-item";
import { pause } from "../pause";
import { queueCounts } from "../sqs/queue-counts";
import { keyText, MAX_KEYS, type StoredItems } from "../table/stored-items";
import { envelopeOf, NO_CODE } from "./dead-letter-message";
import { look } from "./peek-queue";
import { count, type SentLetter, sentIdOf } from "./redrive";

export interface FollowProps {
  readonly sqs: SQSClient;
  /** Of the queue that the letters were sent to, and of its dead-letter queue. */
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** The table that its consumer writes to; undefined for a consumer that does something else. */
  readonly items: StoredItems | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (outcome: FollowedLetters) => void;
}

/** What has become of letters that were taken back. */
export interface FollowedLetters {
  /** In the table. */
  stored: number;
  /** In the dead-letter queue once more, by code. */
  readonly cameBack: Map<string, number>;
  /** Neither is in the queue any more: consumed, by a consumer whose work cannot be looked up. */
  consumed: number;
  /** Not known within the time. */
  pending: number;
}

/** Milliseconds between two questions, at first and at most: a look into the dead-letter queue is a receive of what is there. */
const FIRST_INTERVAL_MS = 250;
const MAX_INTERVAL_MS = 5_000;
/** So often in a row has the queue to be empty, for its counts settle late. */
const EMPTY_COUNTS = 2;

/** Waits until each letter is stored or back, or the time is up. */
export async function follow(sent: readonly SentLetter[], props: FollowProps): Promise<FollowedLetters> {
  const { sqs, queueUrl, deadLetterQueueUrl, items, timeoutMs, signal, onProgress } = props;
  const pending = new Map<string, EventKey | undefined>();
  for (const { sqsMessageId, body } of sent) if (sqsMessageId !== undefined) pending.set(sqsMessageId, keyOf(body));
  const outcome: FollowedLetters = { stored: 0, cameBack: new Map(), consumed: 0, pending: pending.size };
  const deadline = performance.now() + timeoutMs;
  let intervalMs = FIRST_INTERVAL_MS;
  for (let empty = 0; pending.size > 0; intervalMs = Math.min(MAX_INTERVAL_MS, intervalMs * 1.5)) {
    const { visible, inFlight, delayed } = await queueCounts(sqs, queueUrl);
    empty = visible + inFlight + delayed === 0 ? empty + 1 : 0;
    if (items) outcome.stored += await takeStored(pending, items);
    if (pending.size > 0 && (await queueCounts(sqs, deadLetterQueueUrl)).visible > 0) {
      await takeBack(pending, outcome.cameBack, { sqs, queueUrl: deadLetterQueueUrl, signal });
    }
    if (empty >= EMPTY_COUNTS && !items) {
      outcome.consumed += pending.size;
      pending.clear();
    }
    outcome.pending = pending.size;
    onProgress?.(outcome);
    // In the queue no more, nor stored, nor back: more waiting tells no more.
    if (empty > EMPTY_COUNTS || signal?.aborted || performance.now() + intervalMs > deadline) break;
    if (pending.size > 0) await pause(intervalMs, signal);
  }
  return outcome;
}

async function takeStored(pending: Map<string, EventKey | undefined>, items: StoredItems): Promise<number> {
  const withKey = [...pending].filter((entry): entry is [string, EventKey] => entry[1] !== undefined);
  let stored = 0;
  for (let start = 0; start < withKey.length; start += MAX_KEYS) {
    const some = withKey.slice(start, start + MAX_KEYS);
    const found = await items.get(some.map(([, key]) => key));
    for (const [id, key] of some) if (found.has(keyText(key)) && pending.delete(id)) stored += 1;
  }
  return stored;
}

async function takeBack(
  pending: Map<string, unknown>,
  cameBack: Map<string, number>,
  { sqs, queueUrl, signal }: { sqs: SQSClient; queueUrl: string; signal: AbortSignal | undefined },
): Promise<void> {
  const ids = new Set(pending.keys());
  await look({
    sqs,
    queueUrl,
    signal,
    onLetter: (letter) => {
      const id = sentIdOf(letter, ids);
      if (id !== undefined && pending.delete(id)) count(cameBack, letter.code ?? NO_CODE);
      return undefined;
    },
  });
}

/** Of the item that the letter becomes, if it becomes one. */
function keyOf(body: string): EventKey | undefined {
  const envelope = envelopeOf(body);
  return envelope && expectedOf(envelope, 0).item;
}
