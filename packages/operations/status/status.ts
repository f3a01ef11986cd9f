import { CloudWatchClient, GetMetricDataCommand, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { paginateListQueues, SQSClient } from "@aws-sdk/client-sqs";
import { LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { subscriberNames } from "@event-pipeline/event-model/resource-names";
import pMap from "p-map";
import { archivedObjects, openArchive } from "../archive/archived-objects";
import { isUnsupported } from "../aws-errors";
import { type Clock, SYSTEM_CLOCK } from "../clock";
import { NO_CODE } from "../dlq/dead-letter-message";
import { DeadLetterGroups, peekProblem, peekQueue } from "../dlq/peek-queue";
import { resolveDeadLetterQueue, SUBSCRIBER_ID } from "../dlq/resolve-dead-letter-queue";
import { NotDeployedError, OperationError } from "../errors";
import { handlerLines, recordsOf } from "../events/handler-log";
import type { Pipeline } from "../pipeline";
import { areCredentialsRefused, knownValue, type Reading, readSource } from "../reading";
import { type QueueCounts, queueCounts } from "../sqs/queue-counts";

export interface QueueStatus {
  readonly name: string;
  readonly role: "queue" | "dead-letter queue" | "undelivered";
  /** The consumer: `events` or a subscriber's ID; undefined for the queue of undelivered events. */
  readonly consumer: string | undefined;
  readonly counts: Reading<QueueCounts>;
}

export interface AlarmStatus {
  readonly name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  readonly since: Date | undefined;
  readonly reason: string | undefined;
  readonly description: string | undefined;
}

/** A pipeline's status. */
export interface PipelineStatus {
  readonly at: Date;
  readonly queues: Reading<readonly QueueStatus[]>;
  /** The age of the queue's oldest message, in seconds. */
  readonly oldestSeconds: Reading<number>;
  /** The reasons of the dead letters; not there if the queue is empty, or if no message may be peeked at. */
  readonly deadLetters: Reading<DeadLetterReasons>;
  /** The event that was stored last, in the last three hours. */
  readonly lastStored: Reading<LastStored>;
  /** The archive. `newest` is undefined if there is no object from the last 24 hours. */
  readonly archive: Reading<{ readonly bucket: string; readonly newest: NewestObject | undefined }>;
  readonly alarms: Reading<readonly AlarmStatus[]>;
  /** The queues that the pipeline should have, and does not. */
  readonly missingQueues: readonly string[];
  /** The sources that the endpoint does not have, as the local run has no alarms. */
  readonly unsupported: readonly Unread[];
  /** The sources that could not be read, or only in part. */
  readonly outages: readonly Outage[];
}

/** A source that was not read, and why. */
export interface Unread {
  readonly source: string;
  readonly error: OperationError;
}

/** A source that cannot be read. The next statuses read it again after a back-off. */
export interface Outage extends Unread {
  readonly since: Date;
  /** The back-off after the latest attempt, in milliseconds. */
  readonly backoffMs: number;
  /** The time of the next attempt, in milliseconds of the clock. */
  readonly retryAt: number;
}

export interface LastStored {
  readonly at: Date;
  /** The event's record; undefined if the log has no records. */
  readonly record: LoggedRecord | undefined;
}

interface NewestObject {
  readonly key: string;
  readonly at: Date | undefined;
}

/** The messages in the event processor's dead-letter queue, by refusal code. */
export interface DeadLetterReasons {
  /** The codes, most frequent first. The code `none` stands for messages that SQS moved to the queue. */
  readonly byCode: readonly { readonly code: string; readonly count: number }[];
  /** The number of messages that were counted. */
  readonly peeked: number;
  /** True if every message was counted. */
  readonly complete: boolean;
  /** The reason why messages were not counted, or not made visible again; absent if `maxDeadLetters` is the only one. */
  readonly problem?: OperationError;
}

export interface StatusOptions {
  /** The maximum number of dead-letter messages to peek at; 0 for none. Each peek counts as a receive. */
  readonly maxDeadLetters: number;
  /** The previous status. The dead-letter queue is peeked again only if its count has changed. */
  readonly previous?: PipelineStatus | undefined;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** The back-off after a failed read, doubled after each, in milliseconds. */
const FIRST_BACKOFF_MS = 5_000;
const MAX_BACKOFF_MS = 60_000;

const HOUR_MS = 3_600_000;
/** The period of the CloudWatch metric to read, up to now. */
const METRIC_SPAN_MS = 600_000;
const CONCURRENT_COUNTS = 10;
/** The hours of the archive to list: the last two, then the last 24 if those have no object. */
const ARCHIVE_HOURS = [2, 24];
/** The seconds of the log to search for the last stored event, one after another. In a busy log, the first are enough. */
const LOG_SECONDS = [15, 120, 900, 10_800];

/**
 * Reads the status of a pipeline. A source that cannot be read does not hide the others.
 *
 * @throws OperationError when the pipeline does not exist, unless there is a previous status.
 */
export async function pipelineStatus(
  pipeline: Pipeline,
  { maxDeadLetters, previous, signal, clock = SYSTEM_CLOCK }: StatusOptions,
): Promise<PipelineStatus> {
  const unsupported: Unread[] = [];
  const outages: Outage[] = [];
  const addOutage = (source: string, error: OperationError) => {
    const before = previous?.outages.find((outage) => outage.source === source);
    const backoffMs = Math.min(MAX_BACKOFF_MS, before ? before.backoffMs * 2 : FIRST_BACKOFF_MS);
    const since = before?.since ?? new Date();
    outages.push({ source, error, since, backoffMs, retryAt: clock.now() + backoffMs });
  };
  const read = async <T>(
    source: string,
    find: () => Promise<T | undefined>,
    last?: Reading<T>,
  ): Promise<Reading<T>> => {
    const before = previous?.outages.find((outage) => outage.source === source);
    if (before && clock.now() < before.retryAt) {
      outages.push(before);
      return last ?? { state: "not known", error: before.error };
    }
    const reading = await readSource(find, pipeline.description, signal);
    if (reading.state !== "not known") return reading;
    const { error } = reading;
    if (isUnsupported(error.cause)) unsupported.push({ source, error });
    else addOutage(source, error);
    return reading;
  };
  const queues = await read("queues", () => queuesOf(pipeline, read, signal));
  const found = knownValue(queues) ?? [];
  const missing = queues.state === "there" ? missingQueues(pipeline, found) : [];
  const [oldestSeconds, deadLetters, lastStored, archive, alarms] = await Promise.all([
    read("oldest message", () => oldestMessageSeconds(pipeline, signal)),
    read(
      "dead letters",
      () => deadLetterReasons(pipeline, queues, { maxDeadLetters, previous, signal }),
      previous?.deadLetters,
    ),
    read("last stored event", () => lastStoredEvent(pipeline, signal)),
    read("archive", () => archiveStatus(pipeline, signal)),
    read("alarms", () => alarmsOf(pipeline, found, signal)),
  ]);
  // An interrupted peek throws no error.
  signal.throwIfAborted();
  const { problem } = knownValue(deadLetters) ?? {};
  if (problem && outages.every(({ source }) => source !== "dead letters")) addOutage("dead letters", problem);
  if (queues.state === "not known" && alarms.state === "there") addOutage("alarms of subscribers", queues.error);
  const notDeployed = outages.find(({ error }) => error instanceof NotDeployedError);
  const isEmpty = found.length === 0 && lastStored.state !== "there" && archive.state !== "there";
  if (!previous && queues.state === "there" && isEmpty && notDeployed) throw notDeployed.error;
  const bySource = (one: Unread, other: Unread) => (one.source < other.source ? -1 : 1);
  for (const unread of [unsupported, outages]) unread.sort(bySource);
  const readings = { queues, oldestSeconds, deadLetters, lastStored, archive, alarms };
  return { at: new Date(), ...readings, missingQueues: missing, unsupported, outages };
}

/**
 * Reads the status again and again, until the signal aborts or AWS rejects the credentials. While a source cannot be
 * read, there is a status at least every 60 s.
 *
 * @param seconds - The interval between two statuses.
 * @example
 * for await (const { outages } of watchStatus(pipeline, { seconds: 5, maxDeadLetters: 0, signal })) show(outages);
 */
export async function* watchStatus(
  pipeline: Pipeline,
  { seconds, ...options }: Omit<StatusOptions, "previous"> & { readonly seconds: number },
): AsyncGenerator<PipelineStatus, void, void> {
  const { clock = SYSTEM_CLOCK, signal } = options;
  let previous: PipelineStatus | undefined;
  while (!signal.aborted) {
    previous = await pipelineStatus(pipeline, { ...options, previous });
    yield previous;
    const { outages } = previous;
    if (outages.some(({ error }) => areCredentialsRefused(error))) return;
    const waitMs = seconds * 1_000;
    await clock.pause(outages.length > 0 ? Math.min(waitMs, MAX_BACKOFF_MS) : waitMs, signal);
  }
}

/** Reads a source, unless its back-off has not ended. */
type ReadWithBackoff = <T>(source: string, find: () => Promise<T | undefined>) => Promise<Reading<T>>;

/** Lists the queues of the pipeline and its subscribers, with their counts. The event processor's queues come first. */
async function queuesOf(pipeline: Pipeline, read: ReadWithBackoff, signal: AbortSignal): Promise<QueueStatus[]> {
  const { name, names } = pipeline;
  const sqs = pipeline.client(SQSClient);
  const found: Omit<QueueStatus, "counts">[] = [];
  const queueUrls = new Map<string, string>();
  const prefix = { QueueNamePrefix: `${name}-`, MaxResults: 1_000 };
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, prefix, { abortSignal: signal })) {
    for (const queueUrl of QueueUrls) {
      const queueName = queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
      const [, consumer = "", suffix] = /^(.+)-(queue|dlq)$/.exec(queueName.slice(name.length + 1)) ?? [];
      const isUndelivered = queueName === names.undeliveredQueue;
      if (!isUndelivered && !SUBSCRIBER_ID.test(consumer)) continue;
      queueUrls.set(queueName, queueUrl);
      found.push({
        name: queueName,
        role: isUndelivered ? "undelivered" : suffix === "dlq" ? "dead-letter queue" : "queue",
        consumer: isUndelivered ? undefined : consumer,
      });
    }
  }
  const order = ({ consumer, role }: (typeof found)[number]) =>
    `${consumer === "events" ? 0 : consumer === undefined ? 2 : 1}${consumer}${role === "queue" ? 0 : 1}`;
  found.sort((one, other) => (order(one) < order(other) ? -1 : 1));
  const countsOf = async (queueName: string) => {
    const queueUrl = queueUrls.get(queueName) ?? "";
    return read(`counts of ${queueName}`, () => queueCounts({ sqs, queueUrl }, signal));
  };
  const withCounts = async (queue: (typeof found)[number]) => ({ ...queue, counts: await countsOf(queue.name) });
  return pMap(found, withCounts, { concurrency: CONCURRENT_COUNTS });
}

/** Returns the names of missing queues. A subscriber is known only if one of its two queues exists. */
function missingQueues({ name, names, processor }: Pipeline, found: readonly QueueStatus[]): string[] {
  const subscribers = found.flatMap(({ consumer }) => (consumer ? [subscriberNames(name, consumer)] : []));
  const expected = [processor, ...subscribers].flatMap(({ queueName, deadLetterQueueName }) => [
    queueName,
    deadLetterQueueName,
  ]);
  const seen = new Set(found.map((queue) => queue.name));
  return [...new Set([...expected, names.undeliveredQueue])].filter((queueName) => !seen.has(queueName));
}

/**
 * Returns the age of the queue's oldest message in seconds; undefined when CloudWatch has no data.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
async function oldestMessageSeconds(pipeline: Pipeline, abortSignal: AbortSignal): Promise<number | undefined> {
  const Metric = {
    Namespace: "AWS/SQS",
    MetricName: "ApproximateAgeOfOldestMessage",
    Dimensions: [{ Name: "QueueName", Value: pipeline.processor.queueName }],
  };
  const { MetricDataResults } = await pipeline.client(CloudWatchClient).send(
    new GetMetricDataCommand({
      StartTime: new Date(Date.now() - METRIC_SPAN_MS),
      EndTime: new Date(),
      ScanBy: "TimestampDescending",
      MetricDataQueries: [{ Id: "oldest", MetricStat: { Metric, Period: 60, Stat: "Maximum" } }],
    }),
    { abortSignal },
  );
  const [{ StatusCode: status = "Complete", Values = [] } = {}] = MetricDataResults ?? [];
  if (["InternalError", "Forbidden"].includes(status)) {
    throw new OperationError(`CloudWatch GetMetricData answered ${status} for the age of the oldest message.`);
  }
  return Values[0];
}

/** Lists the alarms of the pipeline and its subscribers. Their names begin with `{name}-events-` or `{name}-{subscriber}-`. */
async function alarmsOf(
  pipeline: Pipeline,
  queues: readonly QueueStatus[],
  signal: AbortSignal,
): Promise<AlarmStatus[]> {
  const consumers = ["events", ...queues.flatMap(({ consumer }) => consumer ?? [])];
  const prefixes = consumers.map((consumer) => `${pipeline.name}-${consumer}-`);
  const found: AlarmStatus[] = [];
  const client = pipeline.client(CloudWatchClient);
  const input = { AlarmNamePrefix: `${pipeline.name}-` };
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, input, { abortSignal: signal })) {
    for (const alarm of MetricAlarms) {
      if (!prefixes.some((prefix) => alarm.AlarmName?.startsWith(prefix))) continue;
      found.push({
        name: String(alarm.AlarmName),
        state: alarm.StateValue ?? "not known",
        since: alarm.StateUpdatedTimestamp,
        reason: alarm.StateReason,
        description: alarm.AlarmDescription,
      });
    }
  }
  return found;
}

/** Returns the count of visible dead letters. @throws the error of the queues or of the queue's counts. */
function visibleDeadLetters(queues: PipelineStatus["queues"], { processor }: Pipeline): number {
  if (queues.state === "not known") throw queues.error;
  const counts = knownValue(queues)?.find(({ name }) => name === processor.deadLetterQueueName)?.counts;
  if (counts?.state === "not known") throw counts.error;
  return (counts && knownValue(counts)?.visible) ?? 0;
}

async function deadLetterReasons(
  pipeline: Pipeline,
  queues: PipelineStatus["queues"],
  { maxDeadLetters, previous, signal }: StatusOptions,
): Promise<DeadLetterReasons | undefined> {
  if (maxDeadLetters === 0) return undefined;
  const visible = visibleDeadLetters(queues, pipeline);
  if (visible === 0) return undefined;
  const known = previous && knownValue(previous.deadLetters);
  if (known && !known.problem && visible === visibleDeadLetters(previous.queues, pipeline)) return known;
  const groups = new DeadLetterGroups("code");
  let peeked = 0;
  const queue = await resolveDeadLetterQueue(pipeline, undefined, signal);
  const peek = await peekQueue(queue, {
    signal,
    onMessage: (message) => {
      groups.add(message);
      peeked += 1;
      return peeked === maxDeadLetters ? "stop" : undefined;
    },
  });
  const byCode = groups.groups.map(({ name: code = NO_CODE, count }) => ({ code, count }));
  const problem = peekProblem(queue.name, peek, peeked === maxDeadLetters);
  if (problem && peeked === 0) throw problem;
  return { byCode, peeked, complete: peek.complete, ...(problem && { problem }) };
}

/** Returns the event that was stored last, from the handler's log; undefined if none was stored in the last three hours. */
async function lastStoredEvent(pipeline: Pipeline, signal: AbortSignal): Promise<LastStored | undefined> {
  let until = Date.now();
  for (const seconds of LOG_SECONDS) {
    const since = new Date(Date.now() - seconds * 1_000);
    let last: LastStored | undefined;
    const timeRange = { since, until: new Date(until) };
    for await (const line of handlerLines(pipeline, { text: LOG_LINES.batch, ...timeRange, signal })) {
      const record = recordsOf(line)?.findLast(({ end }) => end === "stored");
      if (record || Number(line.fields.stored) > 0) last = { at: line.at, record };
    }
    if (last) return last;
    until = since.getTime();
  }
  return undefined;
}

async function archiveStatus(pipeline: Pipeline, signal: AbortSignal) {
  const archive = await openArchive(pipeline, signal);
  for (const hours of ARCHIVE_HOURS) {
    let newest: NewestObject | undefined;
    const timeRange = { since: new Date(Date.now() - hours * HOUR_MS) };
    for await (const { key, lastModified } of archivedObjects(archive, timeRange, { signal })) {
      // Without its time, the object with the last key is the newest.
      if (!(newest?.at && lastModified && newest.at > lastModified)) newest = { key, at: lastModified };
    }
    if (newest) return { bucket: archive.bucket, newest };
  }
  return { bucket: archive.bucket, newest: undefined };
}
