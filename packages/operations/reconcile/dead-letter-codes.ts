import { NO_CODE } from "../dlq/dead-letter-message";
import { peekQueue } from "../dlq/peek-queue";
import { resolveDeadLetterQueue } from "../dlq/resolve-dead-letter-queue";
import type { Pipeline } from "../pipeline";
import { areCredentialsRefused } from "../reading";
import { queueCounts, totalOf } from "../sqs/queue-counts";

export interface DeadLetterCodes {
  /** The refusal codes of the messages that were found, by MessageId from SNS. */
  readonly codes: ReadonlyMap<string, string>;
  /** False if other messages may be among those that were not seen. */
  readonly isComplete: boolean;
  /** Sentences about messages that were not seen, or that are still invisible. */
  readonly notes: readonly string[];
}

/** Looks for MessageIds from SNS in the dead-letter queue. Each message that it receives becomes visible again. */
export async function deadLetterCodes(
  pipeline: Pipeline,
  messageIds: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<DeadLetterCodes> {
  const codes = new Map<string, string>();
  const queue = await resolveDeadLetterQueue(pipeline);
  if (totalOf(await queueCounts(queue, signal)) === 0) return { codes, isComplete: true, notes: [] };
  const { seen, notSeen, complete, stillLeased, leasedUntil, releaseError, stoppedBy } = await peekQueue(queue, {
    signal,
    onMessage: ({ snsMessageId, code = NO_CODE }) => {
      if (snsMessageId !== undefined && messageIds.has(snsMessageId)) codes.set(snsMessageId, code);
      return codes.size === messageIds.size ? "stop" : undefined;
    },
  });
  const isComplete = codes.size === messageIds.size || complete;
  const notes: string[] = [];
  if (!isComplete) {
    const more = notSeen > 0 ? `, but not about ${notSeen} others` : "";
    const why = stoppedBy ? ` ${stoppedBy.message}` : "";
    notes.push(`Not known: which other events are dead letters. ${seen} messages were received${more}.${why}`);
  }
  if (stillLeased > 0) {
    const why = releaseError?.message ?? "SQS did not confirm that they are visible again.";
    notes.push(`${stillLeased} dead letters may stay invisible until ${leasedUntil.toISOString()}: ${why}`);
  }
  if (areCredentialsRefused(stoppedBy)) throw stoppedBy;
  return { codes, isComplete, notes };
}
