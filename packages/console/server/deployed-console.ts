import { SQSClient } from "@aws-sdk/client-sqs";
import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { eventIdOf } from "@event-pipeline/event-model/item/key";
import { isLoopbackUrl } from "@event-pipeline/node-process/loopback-url";
import { toOperationError } from "@event-pipeline/operations/aws-errors";
import { pause } from "@event-pipeline/operations/clock";
import { cliOptionsOf } from "@event-pipeline/operations/commands";
import { type HandledEvent, type TailNote, tailEvents } from "@event-pipeline/operations/events/tail-events";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { queueCounts } from "@event-pipeline/operations/sqs/queue-counts";
import type { Depth, Depths, SourcesState, UnreadSource } from "../api";
import { ConsoleServer } from "./console-server";
import { EventLog } from "./event-log";

/** Milliseconds between two readings of the queue depths. */
const COUNTS_MS = 5_000;
/** Milliseconds without a connected page until the server stops calling AWS. */
const UNWATCHED_MS = 15_000;
/** Milliseconds between an error and the retry. */
const RETRY_MS = 5_000;
/** Milliseconds for which the page shows a note about gaps or delays. */
const NOTE_MS = 60_000;

export interface DeployedConsoleOptions {
  readonly pipeline: Pipeline;
  /** The page shows events that were processed at this time or later. */
  readonly since: Date;
  /** TCP port on 127.0.0.1; 0 for any free port. */
  readonly port: number;
  /** Stops the server when it aborts. */
  readonly signal: AbortSignal;
}

/** The running server of a deployment's live page. */
export interface DeployedConsole {
  readonly url: string;
  /** Resolves after the signal stopped the server. */
  readonly ended: Promise<void>;
}

/**
 * Serves a deployed pipeline's live page with the current user's AWS credentials.
 *
 * @throws EADDRINUSE if the port is taken; the error from SQS if the queue does not exist.
 *
 * @example
 * const { url, ended } = await startDeployedConsole({ pipeline, since, port: 0, signal });
 */
export async function startDeployedConsole(options: DeployedConsoleOptions): Promise<DeployedConsole> {
  const { pipeline, since, port, signal } = options;
  // Fails before the page opens if the name, the region or the credentials are wrong.
  await pipeline.queue(pipeline.processor.queueName, signal);
  const feed = new DeployedFeed(pipeline, since);
  const server = await ConsoleServer.start({
    mode: isLoopbackUrl(pipeline.connection.endpoint ?? "") ? "local" : "aws",
    isLive: false,
    keepsData: true,
    untracked: ["archived", "filtered"],
    port,
    orAnyPort: false,
    pipeline,
    region: await pipeline.client(SQSClient).config.region(),
    cliOptions: cliOptionsOf(pipeline.connection),
    log: feed.log,
    countsSince: since,
    depths: () => feed.depths,
    sources: () => feed.sources,
    notes: [
      `Events and counts come from the function's log since ${since.toISOString().slice(0, 19)}Z. An event appears some seconds after the function processed it. The server reads the queue depths every five seconds. SQS updates them with a delay of up to a minute.`,
      "The server reads an event's text when you open the event, so the Text filter searches only error codes.",
    ],
  });
  return { url: server.url, ended: feed.run(server, signal).then(() => server.stop()) };
}

/**
 * Observes a deployment without receiving messages. It reads the function's log,
 * which has each record's outcome, and the queue depths. It calls AWS only while a
 * page is connected.
 */
class DeployedFeed {
  readonly log: EventLog;
  readonly depths: Depths = {};
  private readonly unread = new Map<UnreadSource["source"], UnreadSource>();
  private isLogRead = false;
  private note: { readonly text: string; readonly at: number } | undefined;
  private watchedAt = performance.now();

  /** @param from - Time from which to read the log. */
  constructor(
    private readonly pipeline: Pipeline,
    private from: Date,
  ) {
    this.log = new EventLog(pipeline.processor);
  }

  get sources(): SourcesState {
    const { isLogRead, unread, note } = this;
    const warning = note && performance.now() - note.at < NOTE_MS ? note.text : undefined;
    return { isLogRead, unread: [...unread.values()], warning };
  }

  /** Reads the log and the queue depths until the signal aborts. Shows errors on the page and retries. */
  async run(server: ConsoleServer, signal: AbortSignal): Promise<void> {
    await Promise.all([this.follow(server, signal), this.count(server, signal)]);
  }

  private async follow(server: ConsoleServer, signal: AbortSignal): Promise<void> {
    const onNote = (note: TailNote) => {
      if (note.kind === "unread") this.failed("log", note.error);
      else if (note.kind !== "readAgain") this.note = { text: noteText(note), at: performance.now() };
    };
    const onRead = () => {
      this.isLogRead = true;
      this.unread.delete("log");
    };
    while (!signal.aborted) {
      await this.untilWatched(server, signal);
      const unwatched = new AbortController();
      const timer = setInterval(() => this.isUnwatched(server) && unwatched.abort(), 1_000);
      const following = AbortSignal.any([signal, unwatched.signal]);
      try {
        const options = { since: this.from, onNote, onRead, signal: following };
        for await (const handled of tailEvents(this.pipeline, options)) this.add(handled);
      } catch (error) {
        // The credentials may be renewed while the server runs.
        if (!following.aborted) {
          this.failed("log", error);
          await pause(RETRY_MS, signal);
        }
      } finally {
        clearInterval(timer);
      }
    }
  }

  private async count(server: ConsoleServer, signal: AbortSignal): Promise<void> {
    const { queueName, deadLetterQueueName } = this.pipeline.processor;
    while (!signal.aborted) {
      await this.untilWatched(server, signal);
      await Promise.all([
        this.readDepth("queue", queueName, signal),
        this.readDepth("deadLetterQueue", deadLetterQueueName, signal),
      ]);
      await pause(COUNTS_MS, signal);
    }
  }

  private async readDepth(source: "queue" | "deadLetterQueue", queueName: string, signal: AbortSignal): Promise<void> {
    try {
      const { visible, delayed, inFlight } = await queueCounts(await this.pipeline.queue(queueName, signal), signal);
      const depth: Depth = { waiting: visible + delayed, inFlight, asOf: Date.now() };
      Object.assign(this.depths, { [source]: depth });
      this.unread.delete(source);
    } catch (error) {
      if (!signal.aborted) this.failed(source, error);
    }
  }

  private failed(source: UnreadSource["source"], error: unknown): void {
    const { since = Date.now() } = this.unread.get(source) ?? {};
    this.unread.set(source, { source, error: toOperationError(error, this.pipeline.description).message, since });
  }

  private add(handled: HandledEvent): void {
    if (handled.at > this.from) this.from = handled.at;
    for (const hop of hopsOf(handled)) {
      const known = this.log.detail(hop.messageId)?.hops ?? [];
      // After an error or a pause, the log is read again from the latest known event.
      const isKnown = known.some(({ kind, at }) => kind === hop.kind && (at === hop.at || kind === "published"));
      if (!isKnown) this.log.hop(hop);
    }
  }

  private isUnwatched({ watchers }: ConsoleServer): boolean {
    if (watchers > 0) this.watchedAt = performance.now();
    return performance.now() - this.watchedAt > UNWATCHED_MS;
  }

  private async untilWatched(server: ConsoleServer, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && server.watchers === 0) await pause(250, signal);
    this.watchedAt = performance.now();
  }
}

/** Converts a record's outcome in the function's log to the hops that led to it. */
function hopsOf(handled: HandledEvent): Hop[] {
  const { at, end, latencyMs, received_at, error_code, receive_count = 1 } = handled;
  const { event_type = "", timestamp_id = "" } = handled;
  const messageId = handled.sns_message_id ?? handled.sqs_message_id ?? "unknown";
  const eventId = eventIdOf(handled) ?? messageId;
  const hop = (kind: HopKind, detail: Hop["detail"], time = at.getTime()): Hop => ({
    at: time,
    kind,
    messageId,
    eventId,
    ...(latencyMs !== undefined && { sincePublishedMs: latencyMs - (at.getTime() - time) }),
    detail,
  });
  const published = received_at === undefined ? [] : [hop("published", {}, Date.parse(received_at))];
  const attempt = { attempt: receive_count };
  if (end !== "stored" && end !== "refused") {
    return [...published, hop("failed", { ...attempt, reason: error_code ?? FAILURES[end] })];
  }
  const outcome =
    end === "stored"
      ? hop("stored", { event_type, timestamp_id })
      : hop("dead-lettered", error_code === undefined ? {} : { error_code });
  return [...published, hop("processed", attempt), outcome];
}

const FAILURES = {
  retried: "returned to the queue",
  late: "returned to the queue before the function timed out",
} as const;

function noteText(note: Exclude<TailNote, { readonly kind: "unread" | "readAgain" }>): string {
  switch (note.kind) {
    case "gone":
      return `The table no longer has ${note.events} stored events.`;
    case "late":
      return `CloudWatch Logs delivered ${note.lines} lines late; their events are out of order.`;
    case "unnamed":
      return `The log does not name the records of ${note.batches} batches: LOG_RECORDS is false, or an older handler is deployed. The page does not show their events.`;
    case "behind":
      return `The page is ${note.seconds} s behind: events arrive faster than they are read.`;
  }
}
