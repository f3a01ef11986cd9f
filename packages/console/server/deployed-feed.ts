import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { toOperationError } from "@event-pipeline/operations/aws-errors";
import { pause } from "@event-pipeline/operations/clock";
import { eventIdOf } from "@event-pipeline/operations/events/event-key-parts";
import { type HandledEvent, type TailNote, tailEvents } from "@event-pipeline/operations/events/tail-events";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { queueCounts } from "@event-pipeline/operations/sqs/queue-counts";
import type { Depth, Depths } from "../api";
import { EventLog } from "./event-log";

/** Interval in milliseconds of reading the queues' depths, which SQS updates within a minute. */
const COUNTS_MS = 5_000;
/** Milliseconds without a connected page after which the feed stops calling AWS. */
const UNWATCHED_MS = 15_000;
/** Milliseconds between an error and the retry. */
const RETRY_MS = 5_000;

export interface DeployedFeedProps {
  readonly pipeline: Pipeline;
  /** Start of the log lines to read. */
  readonly since: Date;
  /** Returns the number of connected pages. */
  readonly watchers: () => number;
}

/**
 * Observes a deployment without receiving messages: it reads the function's
 * log, which names each record with its outcome, and the queues' depths. It
 * calls AWS only while a page is connected.
 */
export class DeployedFeed {
  readonly log: EventLog;
  readonly depths: Depths = {};
  private problem: string | undefined;
  private note: string | undefined;
  private from: Date;
  private watchedAt = performance.now();

  constructor(private readonly props: DeployedFeedProps) {
    this.log = new EventLog(props.pipeline.processor);
    this.from = props.since;
  }

  /** Reasons why the page is late or incomplete. */
  get trouble(): string | undefined {
    return this.problem ?? this.note;
  }

  /** Runs until the signal aborts. Shows errors on the page and retries. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.follow(signal), this.count(signal)]);
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { pipeline } = this.props;
    while (!signal.aborted) {
      await this.untilWatched(signal);
      const unwatched = new AbortController();
      const timer = setInterval(() => this.isUnwatched() && unwatched.abort(), 1_000);
      try {
        const following = AbortSignal.any([signal, unwatched.signal]);
        const onNote = (note: TailNote) => this.take(note);
        for await (const handled of tailEvents(pipeline, { since: this.from, onNote, signal: following })) {
          this.problem = undefined;
          this.add(handled);
        }
        this.problem = undefined;
      } catch (error) {
        if (!signal.aborted && !unwatched.signal.aborted) {
          this.problem = toOperationError(error, pipeline.description).message;
          await pause(RETRY_MS, signal);
        }
      } finally {
        clearInterval(timer);
      }
    }
  }

  private async count(signal: AbortSignal): Promise<void> {
    const { pipeline } = this.props;
    const { queueName, deadLetterQueueName } = pipeline.processor;
    while (!signal.aborted) {
      await this.untilWatched(signal);
      try {
        const [queue, deadLetterQueue] = await Promise.all(
          [queueName, deadLetterQueueName].map((name) => this.depthOf(name)),
        );
        Object.assign(this.depths, { queue, deadLetterQueue });
      } catch (error) {
        if (!signal.aborted) this.problem = toOperationError(error, pipeline.description).message;
      }
      await pause(COUNTS_MS, signal);
    }
  }

  private async depthOf(queueName: string): Promise<Depth> {
    const { pipeline } = this.props;
    const counts = await queueCounts(await pipeline.queue(queueName));
    return { waiting: counts.visible + counts.delayed, inFlight: counts.inFlight, asOf: Date.now() };
  }

  private add(handled: HandledEvent): void {
    if (handled.at > this.from) this.from = handled.at;
    for (const hop of hopsOf(handled)) {
      const known = this.log.detail(hop.messageId)?.hops ?? [];
      // The log is read again from where the feed stopped calling AWS.
      if (!known.some(({ kind, at }) => kind === hop.kind && (at === hop.at || kind === "published")))
        this.log.hop(hop);
    }
  }

  private take(note: TailNote): void {
    this.note = noteText(note);
  }

  private isUnwatched(): boolean {
    if (this.props.watchers() > 0) this.watchedAt = performance.now();
    return performance.now() - this.watchedAt > UNWATCHED_MS;
  }

  private async untilWatched(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.props.watchers() === 0) await pause(250, signal);
    this.watchedAt = performance.now();
  }
}

/** Converts a record's outcome in the function's log to hops. */
function hopsOf(handled: HandledEvent): Hop[] {
  const { at, end, latencyMs, received_at, event_type, timestamp_id, error_code, receive_count = 1 } = handled;
  const messageId = handled.sns_message_id ?? handled.sqs_message_id ?? "unknown";
  const shared = { messageId, eventId: eventIdOf(handled) ?? messageId };
  const hop = (kind: HopKind, detail: Hop["detail"], time = at.getTime()): Hop => ({
    at: time,
    kind,
    ...shared,
    ...(latencyMs !== undefined && { sincePublishedMs: latencyMs - (at.getTime() - time) }),
    detail,
  });
  const published = received_at === undefined ? [] : [hop("published", {}, Date.parse(received_at))];
  const attempt = { attempt: receive_count };
  switch (end) {
    case "stored":
      return [...published, hop("processed", attempt), hop("stored", keyDetail(event_type, timestamp_id))];
    case "refused":
      return [
        ...published,
        hop("processed", attempt),
        hop("dead-lettered", error_code === undefined ? {} : { error_code }),
      ];
    default:
      return [...published, hop("failed", { ...attempt, reason: error_code ?? FAILURES[end] })];
  }
}

const FAILURES = {
  retried: "returned to the queue",
  late: "returned to the queue before the function timed out",
} as const;

function keyDetail(event_type = "", timestamp_id = ""): Hop["detail"] {
  return { event_type, timestamp_id };
}

function noteText(note: TailNote): string {
  switch (note.kind) {
    case "throttled":
      return `CloudWatch Logs throttled the request; retrying in ${note.nextPollMs / 1_000} s. No event is skipped.`;
    case "late":
      return `CloudWatch Logs delivered ${note.lines} lines late; their events are out of order.`;
    case "unnamed":
      return `${note.batches} batches do not name their records (LOG_RECORDS is false, or the handler is older); their events are missing here.`;
    case "behind":
      return `The page is ${note.seconds} s behind: events arrive faster than they are read.`;
  }
}
