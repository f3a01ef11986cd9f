import { S3Client } from "@aws-sdk/client-s3";
import { archivedObjects } from "../archive/archived-objects";
import { explained, isDenied, isMissing, isUnsupported } from "../aws-errors";
import type { OperationError } from "../errors";
import type { Pipeline } from "../pipeline";
import { type AlarmStatus, alarmsOf, oldestSeconds } from "./alarms";
import { type DeadLetterReasons, deadLetterReasons } from "./dead-letters";
import { type LastStored, lastStored } from "./last-stored";
import { missingQueues, type QueueStatus, queuesOf } from "./queues";

/** A pipeline at a glance. What could not be asked is undefined, and named in `notSeen`. */
export interface Status {
  readonly at: Date;
  readonly queues: readonly QueueStatus[] | undefined;
  /** Seconds that the queue's oldest message has waited. */
  readonly oldestSeconds: number | undefined;
  readonly deadLetters: DeadLetterReasons | undefined;
  readonly lastStored: LastStored | undefined;
  readonly archive: ArchiveStatus | undefined;
  readonly alarms: readonly AlarmStatus[] | undefined;
  readonly notSeen: readonly { readonly what: string; readonly why: string }[];
}

export interface ArchiveStatus {
  readonly bucket: string;
  /** The object that was written last; undefined when there was none within a day. */
  readonly newest: { readonly key: string; readonly at: Date } | undefined;
}

export interface StatusProps {
  /** Dead letters that are looked at, at most; 0 for none, as each look counts as a receive. */
  readonly deadLettersLookedAt: number;
  /** What was seen before: dead letters are looked at again when there are more or fewer. */
  readonly previous?: Status | undefined;
  readonly signal: AbortSignal;
}

const HOUR_MS = 3_600_000;
/** Hours of the archive that are listed, one after the other. */
const ARCHIVE_HOURS = [2, 24];

/** @throws OperationError when there is no such pipeline, or nobody answers. */
export async function status(
  pipeline: Pipeline,
  { deadLettersLookedAt, previous, signal }: StatusProps,
): Promise<Status> {
  const notSeen: { what: string; why: string }[] = [];
  let missing: OperationError | undefined;
  const ask = async <T>(what: string, question: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await question();
    } catch (error) {
      if (!isDenied(error) && !isMissing(error) && !isUnsupported(error)) throw error;
      const known = explained(error, pipeline.description);
      if (isMissing(error)) missing ??= known;
      notSeen.push({ what, why: known.message });
      return undefined;
    }
  };
  const queues = await ask("queues", () => queuesOf(pipeline, signal));
  for (const name of queues?.length ? missingQueues(pipeline, queues) : []) {
    notSeen.push({ what: name, why: "There is no such queue. See: event-pipeline doctor" });
  }
  const consumers = queues?.flatMap(({ consumer }) => consumer ?? []) ?? ["events"];
  const visible = visibleLetters(queues, pipeline);
  const isLookedAt = deadLettersLookedAt > 0 && visible > 0;
  const known = visible === visibleLetters(previous?.queues, pipeline) ? previous?.deadLetters : undefined;
  const [oldest, deadLetters, last, archive, alarms] = await Promise.all([
    ask("oldest message", () => oldestSeconds(pipeline, pipeline.processor.queueName)),
    known ??
      (isLookedAt ? ask("dead letters", () => deadLetterReasons(pipeline, deadLettersLookedAt, signal)) : undefined),
    ask("last stored event", () => lastStored(pipeline, signal)),
    ask("archive", () => archiveStatus(pipeline, signal)),
    ask("alarms", () => alarmsOf(pipeline, [...new Set(["events", ...consumers])], signal)),
  ]);
  if (!queues?.length && last === undefined && archive === undefined && missing) throw missing;
  return { at: new Date(), queues, oldestSeconds: oldest, deadLetters, lastStored: last, archive, alarms, notSeen };
}

function visibleLetters(queues: Status["queues"], { processor }: Pipeline): number {
  return queues?.find(({ name }) => name === processor.deadLetterQueueName)?.visible ?? 0;
}

async function archiveStatus(pipeline: Pipeline, signal: AbortSignal): Promise<ArchiveStatus> {
  const bucket = await pipeline.rawBucket();
  for (const hours of ARCHIVE_HOURS) {
    let newest: ArchiveStatus["newest"];
    const span = { since: new Date(Date.now() - hours * HOUR_MS) };
    for await (const { key, lastModified } of archivedObjects({ s3: pipeline.client(S3Client), bucket }, span, {
      signal,
    })) {
      if (lastModified && !(newest && newest.at > lastModified)) newest = { key, at: lastModified };
    }
    if (newest) return { bucket, newest };
  }
  return { bucket, newest: undefined };
}
