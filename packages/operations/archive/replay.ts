import { escapeRefused } from "@event-pipeline/event-model/sqs-text";
import { toOperationError } from "../aws-errors";
import { type Clock, RateLimiter } from "../clock";
import { type DeployedContracts, deployedContracts } from "../deployed-contracts";
import { OperationError } from "../errors";
import { eventTtlDays } from "../event-ttl";
import {
  type ExpectedOutcome,
  expectedOutcomeKeyOnly,
  type ItemKey,
  isExpired,
  isStoredIn,
  possibleKeysOf,
} from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import { knownValue, readSource } from "../reading";
import { isRejection, MAX_ENTRIES, QueueSender } from "../sqs/queue-sender";
import { queueFilter, type SubscriptionFilter } from "../subscriptions";
import { EventTableReader } from "../table/events-table";
import { OVERWRITE_REASON, OverwriteGuard } from "../table/overwrite-guard";
import { type Archive, openArchive, type TimeRange } from "./archived-objects";
import {
  type ArchivedRecord,
  type ArchivePosition,
  type ArchiveProgress,
  processArchive,
  type ReadArchiveOptions,
  type WorkControl,
} from "./archived-records";
import { ProgressTracker } from "./progress-tracker";
import { NO_COUNTS, type ReplayCounts, sumOf } from "./replay-counts";
import { ResumeFile } from "./resume-file";

/** Milliseconds between two writes of the resume file. A resumed replay sends events after the last write again. */
const SAVE_INTERVAL_MS = 200;
/** The maximum number of types to remember, because publishers may use any number of types. */
const MAX_TYPES = 1_000;

export interface ReplayRoute {
  readonly archive: Archive;
  readonly table: EventTableReader;
  readonly sender: QueueSender;
  /** The filter of the queue's subscription; undefined when the subscription has no filter policy. */
  readonly filter: SubscriptionFilter | undefined;
  /** The number of days after which items expire; 0 for never. If undefined, it is unknown and no event counts as expired. */
  readonly eventTtlDays: number | undefined;
  readonly contracts: DeployedContracts;
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
  /** The path of a file that keeps the replay's progress. @default - none; the replay begins at the beginning */
  readonly resume?: string | undefined;
  /** The progress of an earlier run. @default - the progress in the resume file, or none */
  readonly after?: ArchiveProgress | undefined;
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
  readonly progress: ArchiveProgress;
  /** The failures since the previous state. */
  readonly failures: readonly ReplayFailure[];
}

export interface ReplayResult {
  readonly counts: ReplayCounts;
  /** The error that ended the replay early. */
  readonly stoppedBy: OperationError | undefined;
  /** True if every event in the time range was read, and sent if the options select it. */
  readonly isFinished: boolean;
  readonly until: Date;
  /** The replay includes every object that the archive had at this time. Firehose may have archived later objects. */
  readonly archivedUntil: Date;
  /** True if the resume file says that an earlier run finished this replay. */
  readonly wasFinished: boolean;
  /** True if the expiry of events is unknown. Expired events were sent too. */
  readonly isTtlUnknown: boolean;
  /**
   * The types that the archive has instead, if no event in the time range has the selected type. At most 1,000 of them.
   * Undefined if an event has the type, if the archive has no events, and if the replay is not finished.
   */
  readonly otherTypes: ReadonlySet<string> | undefined;
}

/**
 * Finds the pipeline's archive, and the event processor's table and queue.
 *
 * @throws the error from AWS if the filter policy cannot be read, or if the deployed contracts
 * cannot be read. A replay must not send events that the policy drops, or that the table has under another key.
 */
export async function resolveReplayRoute(pipeline: Pipeline): Promise<ReplayRoute> {
  const queue = await pipeline.queue(pipeline.processor.queueName);
  const [archive, filter, ttlDays, contracts, sender] = await Promise.all([
    openArchive(pipeline),
    queueFilter(pipeline),
    readSource(() => eventTtlDays(pipeline), pipeline.description),
    deployedContracts(pipeline),
    QueueSender.open(queue),
  ]);
  const table = EventTableReader.of(pipeline);
  return { archive, table, filter, eventTtlDays: knownValue(ttlDays), contracts, sender };
}

/**
 * Sends archived events to the event processor's queue again. The handler stores
 * the same items again. No other subscriber receives the events. An error that ends the replay early is in its result.
 *
 * @throws UsageError when the resume file belongs to another replay; OperationError when another replay uses the file.
 * @example
 * const { counts } = await replay(await resolveReplayRoute(pipeline), { since, onlyMissing: true, onUnreadable });
 */
export async function replay(route: ReplayRoute, options: ReplayOptions): Promise<ReplayResult> {
  const { since, type = null, onlyMissing = false, includeRefused = false, resume } = options;
  if (resume === undefined) return replayFrom(route, options, undefined);
  const file = await ResumeFile.open(resume, {
    bucket: route.archive.bucket,
    queueUrl: route.sender.queue.queueUrl,
    since: since?.toISOString() ?? null,
    until: options.until?.toISOString(),
    type,
    missing: onlyMissing,
    refused: includeRefused,
  });
  try {
    return await replayFrom(route, options, file);
  } finally {
    await file.close();
  }
}

async function replayFrom(
  route: ReplayRoute,
  options: ReplayOptions,
  file: ResumeFile | undefined,
): Promise<ReplayResult> {
  const { since, onState, signal, clock } = options;
  const before = file?.before;
  const archivedUntil = before ? new Date(before.startedAt) : new Date();
  const until = before ? new Date(before.scope.until) : (options.until ?? archivedUntil);
  const isTtlUnknown = route.eventTtlDays === undefined;
  const facts = { until, archivedUntil, isTtlUnknown };
  if (before?.finished) {
    const ended = { stoppedBy: undefined, isFinished: true, wasFinished: true, otherTypes: undefined };
    return { ...facts, counts: before.counts, ...ended };
  }
  let counts = NO_COUNTS;
  const after = before ?? options.after;
  const tracker = new ProgressTracker(after ?? { position: undefined, left: [] });
  const save = async () => {
    if (!file || !before) return;
    // This run tries again what earlier runs did not send, or may not have sent.
    const earlier = { ...before.counts, failed: 0, twoTexts: 0, unconfirmed: 0 };
    const finished = tracker.isFinished;
    await file.save({ ...before, ...tracker.progress, counts: sumOf(earlier, counts), finished });
  };
  const guard = new OverwriteGuard(route.table);
  const limiter = new RateLimiter(options.rate, clock);
  const context: BatchContext = { ...route, ...options, guard, limiter, otherTypes: new Set() };
  let savedAt = Number.NEGATIVE_INFINITY;
  const reading: ReadArchiveOptions = {
    archive: route.archive,
    timeRange: { since, until },
    after,
    clock,
    signal,
    onUnreadable: (unreadable) => {
      tracker.leave(unreadable.key);
      options.onUnreadable(unreadable);
    },
  };
  let stoppedBy = await processArchive(reading, {
    work: (group, control) => replayBatch(group, context, control),
    take: async (batch) => {
      counts = sumOf(counts, batch.counts);
      for (const { position } of batch.failures) tracker.leave(position.key);
      tracker.advance(batch.position, batch.isComplete);
      onState?.({ counts, progress: tracker.progress, failures: batch.failures });
      if (performance.now() - savedAt < SAVE_INTERVAL_MS) return;
      await save();
      savedAt = performance.now();
    },
  });
  if (!stoppedBy && !signal?.aborted) tracker.end();
  try {
    await save();
  } catch (error) {
    stoppedBy ??= error as OperationError;
  }
  const isFinished = !stoppedBy && tracker.isFinished;
  const { otherType, ...ofType } = sumOf(before?.counts ?? NO_COUNTS, counts);
  const isTypeAbsent = isFinished && otherType > 0 && Object.values(ofType).every((count) => count === 0);
  const otherTypes = isTypeAbsent ? context.otherTypes : undefined;
  return { ...facts, counts, stoppedBy, isFinished, wasFinished: false, otherTypes };
}

/** The route, the options and the state that all batches of a replay share. */
interface BatchContext extends ReplayRoute, ReplayOptions {
  readonly guard: OverwriteGuard;
  readonly limiter: RateLimiter;
  /** Types that are not selected. */
  readonly otherTypes: Set<string>;
}

interface BatchResult {
  readonly counts: ReplayCounts;
  readonly failures: ReplayFailure[];
  /** The position of the last record that is done; absent if none is. */
  position?: ArchivePosition;
  /** True if every record of the batch is done. */
  isComplete: boolean;
}

async function replayBatch(
  batch: readonly ArchivedRecord[],
  context: BatchContext,
  { signal, fail }: WorkControl,
): Promise<BatchResult> {
  const result: BatchResult = { counts: { ...NO_COUNTS }, failures: [], isComplete: false };
  // After an error, the result has the records that were sent before it.
  await sendSelected(batch, context, signal, result).catch(fail);
  return result;
}

async function sendSelected(
  batch: readonly ArchivedRecord[],
  context: BatchContext,
  signal: AbortSignal,
  result: BatchResult,
): Promise<void> {
  const { dryRun, sender, limiter } = context;
  const selected = await selectRecords(batch, context, result, signal);
  for (let start = 0; start < batch.length; start += MAX_ENTRIES) {
    const records = batch.slice(start, start + MAX_ENTRIES);
    const toSend = records.filter((record) => selected.has(record));
    if (toSend.length > 0 && !dryRun) {
      await limiter.wait(toSend.length, signal);
      if (signal.aborted) return;
      await send(toSend, sender, result);
    } else result.counts.sent += toSend.length;
    result.position = (records.at(-1) as ArchivedRecord).position;
  }
  result.isComplete = true;
}

/** Returns the records to send. Counts the other records by reason. */
async function selectRecords(
  batch: readonly ArchivedRecord[],
  context: BatchContext,
  { counts, failures }: BatchResult,
  signal: AbortSignal,
): Promise<Set<ArchivedRecord>> {
  const { type, filter, eventTtlDays: ttlDays = 0, contracts, onlyMissing, table, guard } = context;
  const { includeRefused, otherTypes } = context;
  const selected = new Map<ArchivedRecord, ExpectedOutcome<ItemKey>>();
  for (const record of batch) {
    const expected = expectedOutcomeKeyOnly(record.envelope, ttlDays, contracts);
    const { item, storable } = expected;
    if (type !== undefined && storable?.event_type !== type) {
      counts.otherType += 1;
      if (storable && otherTypes.size < MAX_TYPES) otherTypes.add(storable.event_type);
    } else if (filter && !filter(record.body)) counts.filtered += 1;
    else if (!item && !includeRefused) counts.refused += 1;
    else if (item && isExpired(item)) counts.expired += 1;
    else selected.set(record, expected);
  }
  if (onlyMissing) {
    const stored = await table.get([...selected.values()].flatMap(possibleKeysOf), [], signal);
    for (const [record, expected] of selected) {
      if (isStoredIn(stored, expected) && selected.delete(record)) counts.stored += 1;
    }
  }
  // With onlyMissing, the table has none of the selected events, so it need not be read.
  for (const record of await guard.overwriting(selected, { readsTable: !onlyMissing, signal })) {
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
  const idBySent = new Map<ArchivedRecord, string>();
  const sending = sender.send(records, messageOf, idBySent).catch((error) => {
    const stoppedBy = toOperationError(error, sender.queue.target);
    if (!isRejection(stoppedBy)) counts.unconfirmed += records.length - idBySent.size;
    throw stoppedBy;
  });
  const { errorByRejected, errorByUnsent } = await sending.finally(() => {
    counts.sent += idBySent.size;
  });
  counts.failed += errorByRejected.size;
  for (const [{ position, envelope }, error] of errorByRejected) {
    failures.push({ position, messageId: envelope.messageId, reason: error.message });
  }
  const [[, cause] = []] = errorByUnsent;
  if (cause) throw new OperationError(`SQS SendMessageBatch keeps failing: ${cause.message}`, { cause });
}
