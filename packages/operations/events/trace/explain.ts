import { SQSClient } from "@aws-sdk/client-sqs";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { explained, isDenied, isMissing, isUnsupported } from "../../aws-errors";
import type { OperationError } from "../../errors";
import { eventTtlDays } from "../../event-ttl";
import { expectedOf, isExpired } from "../../expected-item";
import type { Pipeline } from "../../pipeline";
import { queueFilter } from "../../queue-filter";
import { type QueueCounts, queueCounts } from "../../sqs/queue-counts";
import { keyText } from "../../table/stored-items";
import { findArchived, searchArchive, wordsOf } from "./archive-search";
import { searchDeadLetters } from "./dead-letter-search";
import { type EventWay, outcomeOf } from "./event-trace";
import { searchIndexes } from "./index-search";
import { MAX_WAYS, searchLog } from "./log-search";
import { readItems } from "./read-items";
import { WantedId } from "./wanted-id";
import { Ways } from "./ways";

export type Place = "log" | "index" | "table" | "archive" | "filter policy" | "queue" | "dead-letter queue";

/** Where was looked, and what that could not show. */
export interface Source {
  readonly place: Place;
  /** False where it could not be looked at. */
  readonly seen: boolean;
  readonly note: string;
}

/** All that could be found out about an id. */
export interface Explanation {
  readonly id: string;
  /** Publications that the id means: several where an event's id is used again, or looks like a MessageId. */
  readonly ways: readonly EventWay[];
  readonly sources: readonly Source[];
  /** Of the queue; where an event waits, or may. */
  readonly queue?: QueueCounts;
}

export interface ExplainProps {
  /** From when on log and archive are searched; an index is searched whole. */
  readonly since: Date;
  readonly signal: AbortSignal;
  /** Told how many objects of the archive have been read. */
  readonly onObject?: (objects: number) => void;
}

const NO_INDEX = "the table by the id alone, for it has no index of ids (the option eventIdIndex makes one)";

/** Ways that are followed into the archive. */
const MAX_FOLLOWED = 5;

/**
 * One event's whole way, from the MessageId that its publisher was given, or
 * from its own id. What is fresh is found by the handler's log; what is older
 * by an index of the table, if there is one, or by its envelope in the archive,
 * whose key the handler's own function derives. Nothing is scanned. The
 * dead-letter queue is looked into only where nothing else explains it, for a
 * look counts as a receive.
 *
 * @throws OperationError when nothing could be looked at.
 */
export async function explainEvent(pipeline: Pipeline, id: string, props: ExplainProps): Promise<Explanation> {
  return new Investigation(pipeline, new WantedId(id), props).explain();
}

class Investigation {
  private readonly ways = new Ways();
  private readonly sources: Source[] = [];
  private firstError: OperationError | undefined;
  private queue: QueueCounts | undefined;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly wanted: WantedId,
    private readonly props: ExplainProps,
  ) {}

  async explain(): Promise<Explanation> {
    const { pipeline, wanted, ways, props } = this;
    await this.look("log", async () => {
      await searchLog(pipeline, wanted, { ...props, ways });
      return `the handler's log from ${props.since.toISOString()} on`;
    });
    await this.look("index", async () => {
      const names = await searchIndexes(pipeline, wanted, { ways, maxWays: MAX_WAYS });
      if (names.length > 0) return `the table's ${names.join(" and ")}`;
      if (ways.all.length === 0) this.sources.push({ place: "index", seen: false, note: NO_INDEX });
      return undefined;
    });
    if (ways.all.length === 0) await this.searchArchive();
    else for (const way of ways.all.slice(0, MAX_FOLLOWED)) await this.followIntoArchive(way);
    for (const way of ways.all) expectedFrom(way, pipeline.processor.deadLetterQueueName);
    await this.readTable();
    for (const way of ways.all) await this.whyNotStored(way);
    await this.lookIntoDeadLetters();
    if (ways.all.some(isOpen) || ways.all.length === 0) await this.countQueue();
    if (this.sources.every(({ seen }) => !seen) && this.firstError) throw this.firstError;
    return { id: wanted.id, ways: ways.all, sources: this.sources, ...(this.queue && { queue: this.queue }) };
  }

  /** Notes where was looked, or why that could not be. */
  private async look(place: Place, look: () => Promise<string | undefined>): Promise<void> {
    try {
      const note = await look();
      if (note !== undefined) this.sources.push({ place, seen: true, note });
    } catch (error) {
      if (!isDenied(error) && !isMissing(error) && !isUnsupported(error)) throw error;
      const known = explained(error, this.pipeline.description);
      this.firstError ??= known;
      this.sources.push({ place, seen: false, note: known.message });
    }
  }

  private async searchArchive(): Promise<void> {
    const { pipeline, wanted, ways, props } = this;
    await this.look("archive", async () => {
      const read = await searchArchive(pipeline, wanted, { since: props.since }, { ...props, ways, maxWays: MAX_WAYS });
      return wordsOf(read, `of what was published from ${props.since.toISOString()} on`);
    });
  }

  private async followIntoArchive(way: EventWay): Promise<void> {
    if (way.publishedAt === undefined) return;
    await this.look("archive", async () => {
      const read = await findArchived(this.pipeline, way, this.props);
      return way.archived ? undefined : wordsOf(read, `around the time of ${way.messageId}`);
    });
  }

  private async readTable(): Promise<void> {
    const keyed = this.ways.all.flatMap((way) => (way.key ? [{ way, key: way.key }] : []));
    if (keyed.length === 0) return;
    await this.look("table", async () => {
      await readItems(
        this.pipeline,
        keyed.map(({ key }) => key),
        (stored) => {
          for (const { way, key } of keyed) {
            if (keyText(key) !== keyText(stored)) continue;
            way.stored = stored;
            if (stored.event_id !== stored.message_id) way.eventId = stored.event_id;
          }
        },
      );
      return `the table, by ${keyed.length === 1 ? "its key" : "their keys"}`;
    });
  }

  /** Filtered, or expired: both can be told of an envelope. */
  private async whyNotStored(way: EventWay): Promise<void> {
    const { envelope } = way;
    if (way.stored || way.deadLetter || envelope === undefined) return;
    await this.look("filter policy", async () => {
      const days = (await eventTtlDays(this.pipeline)) ?? 0;
      const { item } = expectedOf(parseEnvelope(envelope), days);
      way.expired = item !== undefined && isExpired(item);
      if (way.expired || way.attempts.length > 0) return undefined;
      const filter = await queueFilter(this.pipeline);
      way.filtered = filter !== undefined && !filter(envelope);
      return "the filter policy of the queue's subscription, as it is now";
    });
  }

  private async lookIntoDeadLetters(): Promise<void> {
    const { processor, names } = this.pipeline;
    for (const queue of [processor.deadLetterQueueName, names.undeliveredQueue]) {
      const open = this.ways.all.filter(isOpen);
      if (this.ways.all.length > 0 && open.length === 0) return;
      const id = open.length === 1 ? open[0]?.messageId : this.wanted.id;
      const { ways, props } = this;
      await this.look("dead-letter queue", () => searchDeadLetters(this.pipeline, queue, { ...props, id, ways }));
    }
  }

  private async countQueue(): Promise<void> {
    const { pipeline } = this;
    await this.look("queue", async () => {
      const url = await pipeline.queueUrl(pipeline.processor.queueName);
      this.queue = await queueCounts(pipeline.client(SQSClient), url);
      return `the counts of ${pipeline.processor.queueName}; SQS has no look-up, so its messages were not looked at`;
    });
  }
}

/** Whether nothing says yet where it ended. */
function isOpen(way: EventWay): boolean {
  return ["waiting", "retried"].includes(outcomeOf(way));
}

/** What the handler makes of the envelope, if the archive has it; else what its log says. */
function expectedFrom(way: EventWay, queue: string): void {
  const last = way.attempts.at(-1);
  if (last?.end === "refused") way.deadLetter = { queue, code: last.code, reason: last.reason, seen: false };
  if (way.envelope === undefined) return;
  const { item, refusal } = expectedOf(parseEnvelope(way.envelope), 0);
  if (item) way.key ??= { event_type: item.event_type, timestamp_id: item.timestamp_id };
  if (item && item.event_id !== item.message_id) way.eventId ??= item.event_id;
  if (refusal) way.refusal = { code: refusal.code, reason: refusal.message };
}
