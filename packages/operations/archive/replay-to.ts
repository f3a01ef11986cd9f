import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { eventTtlDays } from "../event-ttl";
import type { Pipeline } from "../pipeline";
import { queueFilter } from "../queue-filter";
import { QueueSender } from "../sqs/queue-sender";
import { OverwriteGuard } from "../table/overwrite-guard";
import { StoredItems } from "../table/stored-items";
import { NO_COUNTS, plus, type ReplayProps, type ReplayState, replay } from "./replay";
import { ResumeFile } from "./resume-file";

export interface ReplayToProps
  extends Pick<ReplayProps, "type" | "includeRefused" | "dryRun" | "rate" | "signal" | "onUnreadable"> {
  readonly since?: Date | undefined;
  /**
   * The end of the span.
   * @default - now, or where the resume file says
   */
  readonly until?: Date | undefined;
  /** Whether only what the table lacks is sent. */
  readonly onlyMissing?: boolean | undefined;
  /**
   * File that keeps how far the replay is.
   * @default - none: it begins at the beginning
   */
  readonly resume?: string | undefined;
  readonly onState: (state: ReplayState) => void;
}

export interface ReplayEnd extends ReplayState {
  readonly until: Date;
  /** Whether an earlier run had finished it, so that there was nothing to do. */
  readonly wasFinished: boolean;
  /** Whether nobody could say when events expire, so that those that have are not told apart. */
  readonly isTtlUnknown: boolean;
}

/** Milliseconds between two writes of the resume file: what was sent since the last is sent again after a kill. */
const SAVE_INTERVAL_MS = 200;

/**
 * Replays the pipeline's archive to the queue of its event processor.
 *
 * @throws UsageError for a resume file of something else, OperationError when the queue takes no more.
 */
export async function replayTo(pipeline: Pipeline, props: ReplayToProps): Promise<ReplayEnd> {
  const { since, onlyMissing = false, resume, onState, type, ...rest } = props;
  const sqs = pipeline.client(SQSClient);
  const dynamodb = pipeline.client(DynamoDBClient);
  const [bucket, queueUrl] = await Promise.all([pipeline.rawBucket(), pipeline.queueUrl(pipeline.processor.queueName)]);
  const file =
    resume === undefined
      ? undefined
      : await ResumeFile.open(resume, {
          bucket,
          queueUrl,
          since: since?.toISOString() ?? null,
          until: props.until?.toISOString(),
          type: type ?? null,
          missing: onlyMissing,
        });
  const until = file ? new Date(file.contents.scope.until) : (props.until ?? new Date());
  const before = file?.contents;
  let end: ReplayState = { counts: { ...NO_COUNTS }, place: before?.place ?? undefined, failures: [] };
  if (before?.finished) return { ...end, counts: before.counts, until, wasFinished: true, isTtlUnknown: false };

  const [filter, ttlDays, sender] = await Promise.all([
    queueFilter(pipeline),
    eventTtlDays(pipeline),
    QueueSender.to(sqs, queueUrl),
  ]);
  const states = replay({
    ...rest,
    archive: { s3: pipeline.client(S3Client), bucket },
    span: { since, until },
    after: end.place,
    sender,
    filter,
    eventTtlDays: ttlDays ?? 0,
    type,
    unlessStored: onlyMissing ? new StoredItems(dynamodb, pipeline.names.table, []) : undefined,
    twoTexts: new OverwriteGuard(dynamodb, pipeline.names.table),
  });
  let savedAt = Number.NEGATIVE_INFINITY;
  let isFinished = false;
  try {
    for await (const state of states) {
      end = state;
      onState(state);
      if (performance.now() - savedAt < SAVE_INTERVAL_MS) continue;
      await file?.save(state.place, plus(before?.counts, state.counts), false);
      savedAt = performance.now();
    }
    isFinished = !props.signal?.aborted;
  } finally {
    await file?.save(end.place, plus(before?.counts, end.counts), isFinished);
  }
  return { ...end, until, wasFinished: false, isTtlUnknown: ttlDays === undefined };
}
