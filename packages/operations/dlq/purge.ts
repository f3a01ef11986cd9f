import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { toOperationError } from "../aws-errors";
import { OperationError } from "../errors";
import type { Pipeline } from "../pipeline";
import { type QueueCounts, queueCounts } from "../sqs/queue-counts";
import { isRejection } from "../sqs/queue-sender";
import { type DeadLetterMessage, hasEveryAttribute } from "./dead-letter-message";
import { contentDigest, deadLetterRecord } from "./export-file";
import { type ResolvedQueue, resolveDeadLetterQueue } from "./resolve-dead-letter-queue";
import { type LeaseReport, type ReceiveOptions, VisibilityLease } from "./visibility-lease";

export interface PreparedPurge {
  readonly queueName: string;
  readonly counts: QueueCounts;
  /**
   * Deletes the messages. Returns an error if SQS may have accepted the purge, but did not confirm it.
   *
   * @throws OperationError when SQS rejected the purge, such as when the queue was purged less than 60 seconds ago.
   */
  purge(): Promise<OperationError | undefined>;
}

/**
 * Counts the messages in a dead-letter queue, including messages in flight and delayed messages.
 * The returned function `purge` deletes them.
 *
 * @param queue - The value of `--queue`.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
 * @example
 * const { counts, purge } = await preparePurge(pipeline, "events");
 */
export async function preparePurge(pipeline: Pipeline, queue: string | undefined): Promise<PreparedPurge> {
  const resolved = await resolveDeadLetterQueue(pipeline, queue);
  const { sqs, queueUrl, name: queueName, target } = resolved;
  return {
    queueName,
    counts: await queueCounts(resolved),
    purge: async () => {
      try {
        await sqs.send(new PurgeQueueCommand({ QueueUrl: queueUrl }));
        return undefined;
      } catch (cause) {
        const { name, $metadata } = cause as Error & { $metadata?: { attempts?: number } };
        // If a response was lost, the SDK's retry fails because of the purge that the first request began.
        const isRetry = Number($metadata?.attempts) > 1;
        const isInProgress = /PurgeQueueInProgress/.test(name);
        const error = isInProgress
          ? new OperationError(
              `${queueName} was purged less than 60 seconds ago. SQS allows one purge every 60 seconds. Try again later.`,
              { cause },
            )
          : toOperationError(cause, target);
        if (isRejection(error) || (isInProgress && !isRetry)) throw error;
        return error;
      }
    },
  };
}

export interface ExportedPurgeOptions extends ReceiveOptions {
  /** True to delete nothing. `deleted` is then the number of messages that would be deleted. */
  readonly dryRun?: boolean | undefined;
  readonly onProgress?: (progress: { readonly seen: number; readonly deleted: number }) => void;
}

export interface ExportedPurgeResult extends LeaseReport {
  readonly deleted: number;
  /** Messages that are in the file and in the queue, and whose deletion SQS did not confirm. */
  readonly notDeleted: number;
  /** Messages that are in the file, but were not in the queue. */
  readonly onlyInFile: number;
  /** Messages that are in the queue, but not in the file, or with other content there. */
  readonly onlyInQueue: number;
}

/**
 * Deletes the messages of an export from its queue, and makes the others visible again.
 *
 * @param digestById - The messages of the export, from `readExportFile`.
 * @throws the error of the first request. Later errors are in `stoppedBy`.
 * @example
 * const { deleted } = await purgeExported(queue, await readExportFile("letters.ndjson", queue.name));
 */
export async function purgeExported(
  queue: Pick<ResolvedQueue, "sqs" | "queueUrl" | "target" | "name">,
  digestById: ReadonlyMap<string, string>,
  { dryRun = false, onProgress, ...options }: ExportedPurgeOptions = {},
): Promise<ExportedPurgeResult> {
  const isExported = (message: DeadLetterMessage) =>
    hasEveryAttribute(message) &&
    digestById.get(message.sqsMessageId) === contentDigest(deadLetterRecord(message, queue.name));
  const lease = await VisibilityLease.open(queue);
  const matchedIds = new Set<string>();
  const deletedIds = new Set<string>();
  try {
    for await (const messages of lease.messages(options)) {
      const matched = messages.filter(isExported);
      for (const { sqsMessageId } of matched) matchedIds.add(sqsMessageId);
      for (const { sqsMessageId } of dryRun ? matched : await lease.delete(matched)) deletedIds.add(sqsMessageId);
      onProgress?.({ seen: lease.seen, deleted: deletedIds.size });
    }
  } finally {
    await lease.release();
  }
  return {
    ...lease.report(),
    deleted: deletedIds.size,
    notDeleted: matchedIds.size - deletedIds.size,
    onlyInFile: digestById.size - matchedIds.size,
    onlyInQueue: lease.seen - matchedIds.size,
  };
}
