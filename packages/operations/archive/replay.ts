import { keyText } from "@event-pipeline/event-model/item/attributes";
import { escapeRefused } from "@event-pipeline/event-model/sqs-text";
import { pMapIterable } from "p-map";
import { type Clock, RateLimiter } from "../clock";
import { OperationError } from "../errors";
import { type ExpectedOutcome, expectedOutcomeKeyOnly, type ItemKey, isExpired } from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import { MAX_ENTRIES, QueueSender } from "../sqs/queue-sender";
import { OVERWRITE_REASON, OverwriteGuard } from "../table/overwrite-guard";
import { type ArchiveSources, resolveArchiveSources, type TimeRange } from "./archived-objects";
import {
  type ArchivedRecord,
  type ArchivePosition,
  archivedRecords,
  type ReadArchiveOptions,
  recordGroups,
} from "./archived-records";
import { NO_COUNTS, type ReplayCounts, sumOf } from "./replay-counts";
import { openResumeFile, saveResumeFile } from "./resume-file";

const CONCURRENT_BATCHES = 8;
/** Milliseconds between two writes of the resume file. A resumed replay sends events after the last write again. */
const SAVE_INTERVAL_MS = 200;

export interface ReplayRoute extends ArchiveSources {
  readonly sender: QueueSender;
}

export interface ReplayOptions extends TimeRange {
  /** @default - every type */
  readonly type?: string | undefined;
  /** True to send only events that the table does not have. */
  readonly onlyMissing?: boolean | undefined;
  /** True to also send events that the handler refuses. They return to the dead-letter queue. */
  readonly includeRefused?: boolean | undefined;
  /** True to count events without sending them. */
  readonly dryRun?: boolean | undefined;
  /** The maximum number of events per second. @default - no limit */
  readonly rate?: number | undefined;
  /** The path of a file that keeps the replay's position. @default - none; the replay begins at the beginning */
  readonly resume?: string | undefined;
  /** The position of the last record to skip. @default - the position in the resume file, or none */
  readonly after?: ArchivePosition | undefined;
  /** @default - the system's clock */
  readonly clock?: Clock | undefined;
  readonly onUnreadable: ReadArchiveOptions["onUnreadable"];
  /** Receives the replay's state after each batch. */
  readonly onState?: (state: ReplayState) => void;
  /** Stops the replay when it aborts, after the requests that have started. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReplayFailure {
  readonly position: ArchivePosition;
  readonly messageId: string;
  readonly reason: string;
}

export interface ReplayState {
  readonly counts: ReplayCounts;
  /** The position up to which every record is done; undefined while none is. */
  readonly position: ArchivePosition | undefined;
  /** The failures since the previous state. */
  readonly failures: readonly ReplayFailure[];
}

export interface ReplayResult {
  readonly counts: ReplayCounts;
  readonly until: Date;
  /** True if the resume file says that an earlier run finished this replay. */
  readonly wasFinished: boolean;
  /** True if the expiry of events is unknown. Expired events were sent too. */
  readonly isTtlUnknown: boolean;
}

/** Finds the pipeline's archive, and the event processor's table and queue. */
export async function resolveReplayRoute(pipeline: Pipeline): Promise<ReplayRoute> {
  const queue = await pipeline.queue(pipeline.processor.queueName);
  const [sources, sender] = await Promise.all([resolveArchiveSources(pipeline), QueueSender.open(queue)]);
  return { ...sources, sender };
}

/**
 * Sends archived events to the event processor's queue again. The handler stores
 * the same items again. No other subscriber receives the events.
 *
 * @throws UsageError when the resume file belongs to another replay; OperationError when the queue keeps rejecting messages.
 * @example
 * const { counts } = await replay(await resolveReplayRoute(pipeline), { since, onlyMissing: true, onUnreadable });
 */
export async function replay(route: ReplayRoute, options: ReplayOptions): Promise<ReplayResult> {
  const { since, type = null, onlyMissing = false, resume, onUnreadable, onState, signal } = options;
  const { archive, sender } = route;
  const before =
    resume === undefined
      ? undefined
      : await openResumeFile(resume, {
          bucket: archive.bucket,
          queueUrl: sender.queue.queueUrl,
          since: since?.toISOString() ?? null,
          until: options.until?.toISOString(),
          type,
          missing: onlyMissing,
        });
  const until = before ? new Date(before.scope.until) : (options.until ?? new Date());
  if (before?.finished) return { counts: before.counts, until, wasFinished: true, isTtlUnknown: false };
  let counts = NO_COUNTS;
  let position = before?.place ?? options.after;
  const save = async (finished: boolean) => {
    if (resume === undefined || !before) return;
    const { scope } = before;
    await saveResumeFile(resume, { scope, place: position ?? null, counts: sumOf(before.counts, counts), finished });
  };
  const guard = new OverwriteGuard(route.table);
  const context: BatchContext = { ...route, ...options, guard, limiter: new RateLimiter(options.rate, options.clock) };
  const records = archivedRecords({ archive, timeRange: { since, until }, after: position, onUnreadable });
  const batches = pMapIterable(recordGroups(records, signal), (group) => replayBatch(group, context), {
    concurrency: CONCURRENT_BATCHES,
  });
  let isUnbroken = true;
  let savedAt = Number.NEGATIVE_INFINITY;
  let isFinished = false;
  try {
    for await (const batch of batches) {
      counts = sumOf(counts, batch.counts);
      // The position stays before a record that is not done. So a resumed replay skips none, but may repeat some.
      if (isUnbroken) position = batch.position ?? position;
      isUnbroken &&= batch.isComplete;
      onState?.({ counts, position, failures: batch.failures });
      if (performance.now() - savedAt < SAVE_INTERVAL_MS) continue;
      await save(false);
      savedAt = performance.now();
    }
    isFinished = !signal?.aborted;
  } finally {
    await save(isFinished);
  }
  return { counts, until, wasFinished: false, isTtlUnknown: route.eventTtlDays === undefined };
}

/** The route, the options and the state that all batches of a replay share. */
interface BatchContext extends ReplayRoute, ReplayOptions {
  readonly guard: OverwriteGuard;
  readonly limiter: RateLimiter;
}

interface BatchResult {
  readonly counts: ReplayCounts;
  readonly failures: ReplayFailure[];
  /** The position of the last record that is done; absent if none is. */
  position?: ArchivePosition;
  /** True if every record of the batch is done. */
  isComplete: boolean;
}

async function replayBatch(batch: readonly ArchivedRecord[], context: BatchContext): Promise<BatchResult> {
  const { dryRun, signal, sender, limiter } = context;
  const result: BatchResult = { counts: { ...NO_COUNTS }, failures: [], isComplete: true };
  const selected = await selectRecords(batch, context, result);
  for (let start = 0; start < batch.length; start += MAX_ENTRIES) {
    const records = batch.slice(start, start + MAX_ENTRIES);
    const toSend = records.filter((record) => selected.has(record));
    if (toSend.length > 0 && !dryRun) {
      await limiter.wait(toSend.length, signal);
      if (signal?.aborted) return { ...result, isComplete: false };
      await send(toSend, sender, result);
    } else result.counts.sent += toSend.length;
    result.position = (records.at(-1) as ArchivedRecord).position;
  }
  return result;
}

/** Returns the records to send. Counts the other records by reason. */
async function selectRecords(
  batch: readonly ArchivedRecord[],
  { type, filter, eventTtlDays: ttlDays = 0, onlyMissing, table, guard, includeRefused }: BatchContext,
  { counts, failures }: BatchResult,
): Promise<Set<ArchivedRecord>> {
  const selected = new Map<ArchivedRecord, ExpectedOutcome<ItemKey>>();
  for (const record of batch) {
    const expected = expectedOutcomeKeyOnly(record.envelope, ttlDays);
    const { item } = expected;
    if (type !== undefined && item?.event_type !== type) counts.otherType += 1;
    else if (filter && !filter(record.body)) counts.filtered += 1;
    else if (!item && !includeRefused) counts.refused += 1;
    else if (item && isExpired(item)) counts.expired += 1;
    else selected.set(record, expected);
  }
  if (onlyMissing) {
    const stored = await table.get([...selected.values()].flatMap(({ item }) => item ?? []));
    for (const [record, { item }] of selected) {
      if (item && stored.has(keyText(item)) && selected.delete(record)) counts.stored += 1;
    }
  }
  // With onlyMissing, the table has none of the selected events, so it need not be read.
  for (const record of await guard.overwriting(selected, { readsTable: !onlyMissing })) {
    selected.delete(record);
    counts.twoTexts += 1;
    failures.push({ position: record.position, messageId: record.envelope.messageId, reason: OVERWRITE_REASON });
  }
  return new Set(selected.keys());
}

async function send(
  records: readonly ArchivedRecord[],
  sender: QueueSender,
  { counts, failures }: BatchResult,
): Promise<void> {
  // SNS delivers some characters that SendMessage rejects. Their JSON escapes mean the same.
  const messageOf = ({ body }: ArchivedRecord) => ({ MessageBody: escapeRefused(body) });
  const { idBySent, errorByRejected, errorByUnsent } = await sender.send(records, messageOf);
  const [[, cause] = []] = errorByUnsent;
  if (cause) {
    throw new OperationError(
      `SQS keeps rejecting messages (${cause.message}). Continue later with the same --resume file.`,
      { cause },
    );
  }
  counts.sent += idBySent.size;
  counts.failed += errorByRejected.size;
  for (const [{ position, envelope }, error] of errorByRejected) {
    failures.push({ position, messageId: envelope.messageId, reason: error.message });
  }
}
