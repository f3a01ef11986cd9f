import { CloudWatchClient, GetMetricDataCommand, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { paginateListQueues, SQSClient } from "@aws-sdk/client-sqs";
import { LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { subscriberNames } from "@event-pipeline/event-model/resource-names";
import { archivedObjects, openArchive } from "../archive/archived-objects";
import { isInaccessible, isMissing, toOperationError } from "../aws-errors";
import { NO_CODE } from "../dlq/dead-letter-message";
import { DeadLetterGroups, peekQueue } from "../dlq/peek-queue";
import { resolveDeadLetterQueue, SUBSCRIBER_ID } from "../dlq/resolve-dead-letter-queue";
import type { OperationError } from "../errors";
import { handlerLines, recordsOf } from "../events/handler-log";
import type { Pipeline } from "../pipeline";
import { type QueueCounts, queueCounts } from "../sqs/queue-counts";

export interface QueueStatus extends QueueCounts {
  readonly name: string;
  readonly role: "queue" | "dead-letter queue" | "undelivered";
  /** The consumer: `events` or a subscriber's ID; undefined for the queue of undelivered events. */
  readonly consumer: string | undefined;
}

export interface AlarmStatus {
  readonly name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  readonly since: Date | undefined;
  readonly reason: string | undefined;
  readonly description: string | undefined;
}

/** A pipeline's status. If a source is not accessible, its member is undefined and `unavailable` has the reason. */
export interface PipelineStatus {
  readonly at: Date;
  readonly queues: readonly QueueStatus[] | undefined;
  /** The age of the queue's oldest message, in seconds. */
  readonly oldestSeconds: number | undefined;
  readonly deadLetters: DeadLetterReasons | undefined;
  /** The event that was stored last. `record` is undefined if the log has no records. */
  readonly lastStored: { readonly at: Date; readonly record: LoggedRecord | undefined } | undefined;
  /** The archive. `newest` is undefined if there is no object from the last 24 hours. */
  readonly archive: { readonly bucket: string; readonly newest: NewestObject | undefined } | undefined;
  readonly alarms: readonly AlarmStatus[] | undefined;
  readonly unavailable: readonly { readonly what: string; readonly why: string }[];
}

interface NewestObject {
  readonly key: string;
  readonly at: Date;
}

/** The messages in the event processor's dead-letter queue, by refusal code. */
export interface DeadLetterReasons {
  /** The codes, most frequent first. The code `none` stands for messages that SQS moved to the queue. */
  readonly byCode: readonly { readonly code: string; readonly count: number }[];
  /** The number of messages that were counted. */
  readonly peeked: number;
  /** True if every message was counted. */
  readonly complete: boolean;
}

export interface StatusOptions {
  /** The maximum number of dead-letter messages to peek at; 0 for none. Each peek counts as a receive. */
  readonly maxDeadLetters: number;
  /** The previous status. The dead-letter queue is peeked again only if its count has changed. */
  readonly previous?: PipelineStatus | undefined;
  readonly signal: AbortSignal;
}

const HOUR_MS = 3_600_000;
/** The period of the CloudWatch metric to read, up to now. */
const METRIC_SPAN_MS = 600_000;
/** The hours of the archive to list: the last two, then the last 24 if those have no object. */
const ARCHIVE_HOURS = [2, 24];
/** The seconds of the log to search for the last stored event, one after another. In a busy log, the first are enough. */
const LOG_SECONDS = [15, 120, 900, 10_800];

/**
 * Reads the status of a pipeline.
 *
 * @throws OperationError when the pipeline does not exist or cannot be reached.
 */
export async function pipelineStatus(
  pipeline: Pipeline,
  { maxDeadLetters, previous, signal }: StatusOptions,
): Promise<PipelineStatus> {
  const unavailable: { what: string; why: string }[] = [];
  let missing: OperationError | undefined;
  const read = async <T>(what: string, source: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await source();
    } catch (error) {
      if (!isInaccessible(error)) throw error;
      const known = toOperationError(error, pipeline.description);
      if (isMissing(error)) missing ??= known;
      unavailable.push({ what, why: known.message });
      return undefined;
    }
  };
  const queues = await read("queues", () => queuesOf(pipeline, signal));
  for (const name of queues?.length ? missingQueues(pipeline, queues) : []) {
    unavailable.push({ what: name, why: "The queue does not exist. Run: event-pipeline doctor" });
  }
  const visible = visibleDeadLetters(queues, pipeline);
  const known = visible === visibleDeadLetters(previous?.queues, pipeline) ? previous?.deadLetters : undefined;
  const reasons = async () => known ?? (await deadLetterReasons(pipeline, maxDeadLetters, signal));
  const [oldestSeconds, deadLetters, last, archive, alarms] = await Promise.all([
    read("oldest message", () => oldestMessageSeconds(pipeline)),
    maxDeadLetters > 0 && visible > 0 ? read("dead letters", reasons) : undefined,
    read("last stored event", () => lastStored(pipeline, signal)),
    read("archive", () => archiveStatus(pipeline, signal)),
    read("alarms", () => alarmsOf(pipeline, queues ?? [], signal)),
  ]);
  if (!queues?.length && last === undefined && archive === undefined && missing) throw missing;
  return { at: new Date(), queues, oldestSeconds, deadLetters, lastStored: last, archive, alarms, unavailable };
}

/** Lists the queues of the pipeline and its subscribers, with their counts. The event processor's queues come first. */
async function queuesOf(pipeline: Pipeline, signal: AbortSignal): Promise<QueueStatus[]> {
  const { name, names } = pipeline;
  const sqs = pipeline.client(SQSClient);
  const found: QueueStatus[] = [];
  const prefix = { QueueNamePrefix: `${name}-`, MaxResults: 1_000 };
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, prefix, { abortSignal: signal })) {
    for (const queueUrl of QueueUrls) {
      const queueName = queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
      const [, consumer = "", suffix] = /^(.+)-(queue|dlq)$/.exec(queueName.slice(name.length + 1)) ?? [];
      const isUndelivered = queueName === names.undeliveredQueue;
      if (!isUndelivered && !SUBSCRIBER_ID.test(consumer)) continue;
      found.push({
        name: queueName,
        role: isUndelivered ? "undelivered" : suffix === "dlq" ? "dead-letter queue" : "queue",
        consumer: isUndelivered ? undefined : consumer,
        ...(await queueCounts({ sqs, queueUrl })),
      });
    }
  }
  const order = ({ consumer, role }: QueueStatus) =>
    `${consumer === "events" ? 0 : consumer === undefined ? 2 : 1}${consumer}${role === "queue" ? 0 : 1}`;
  return found.sort((one, other) => (order(one) < order(other) ? -1 : 1));
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
async function oldestMessageSeconds(pipeline: Pipeline): Promise<number | undefined> {
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
  );
  return MetricDataResults?.[0]?.Values?.[0];
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
        state: String(alarm.StateValue),
        since: alarm.StateUpdatedTimestamp,
        reason: alarm.StateReason,
        description: alarm.AlarmDescription,
      });
    }
  }
  return found;
}

function visibleDeadLetters(queues: PipelineStatus["queues"], { processor }: Pipeline): number {
  return queues?.find(({ name }) => name === processor.deadLetterQueueName)?.visible ?? 0;
}

async function deadLetterReasons(pipeline: Pipeline, max: number, signal: AbortSignal): Promise<DeadLetterReasons> {
  const groups = new DeadLetterGroups("code");
  let peeked = 0;
  const { complete, stoppedBy } = await peekQueue(await resolveDeadLetterQueue(pipeline), {
    signal,
    onMessage: (message) => {
      groups.add(message);
      peeked += 1;
      return peeked === max ? "stop" : undefined;
    },
  });
  if (stoppedBy) throw stoppedBy;
  return { byCode: groups.groups.map(({ name: code = NO_CODE, count }) => ({ code, count })), peeked, complete };
}

/** Returns the event that was stored last, from the handler's log; undefined if none was stored in the last three hours. */
async function lastStored(pipeline: Pipeline, signal: AbortSignal): Promise<PipelineStatus["lastStored"]> {
  let until = Date.now();
  for (const seconds of LOG_SECONDS) {
    const since = new Date(Date.now() - seconds * 1_000);
    let last: PipelineStatus["lastStored"];
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

async function archiveStatus(pipeline: Pipeline, signal: AbortSignal): Promise<PipelineStatus["archive"]> {
  const archive = await openArchive(pipeline);
  for (const hours of ARCHIVE_HOURS) {
    let newest: NewestObject | undefined;
    const timeRange = { since: new Date(Date.now() - hours * HOUR_MS) };
    for await (const { key, lastModified } of archivedObjects(archive, timeRange, { signal })) {
      if (lastModified && !(newest && newest.at > lastModified)) newest = { key, at: lastModified };
    }
    if (newest) return { bucket: archive.bucket, newest };
  }
  return { bucket: archive.bucket, newest: undefined };
}
