import { DescribeTableCommand, DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { type AttributeName, ID_ATTRIBUTE, keyText } from "@event-pipeline/event-model/item/attributes";
import { LOG_FIELDS, LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { openArchive, type TimeRange } from "../../archive/archived-objects";
import { type ArchivedRecord, archivedRecords } from "../../archive/archived-records";
import { isInaccessible, toOperationError } from "../../aws-errors";
import { envelopeOf } from "../../dlq/dead-letter-message";
import { peekQueue } from "../../dlq/peek-queue";
import { resolveDeadLetterQueue } from "../../dlq/resolve-dead-letter-queue";
import type { OperationError } from "../../errors";
import { eventTtlDays } from "../../event-ttl";
import { expectedOutcome, isExpired } from "../../expected-outcome";
import type { Pipeline } from "../../pipeline";
import { type QueueCounts, queueCounts } from "../../sqs/queue-counts";
import { queueFilter } from "../../subscriptions";
import { readEvents, storedEvent } from "../../table/stored-event";
import { handlerLines, recordsOf } from "../handler-log";
import { type EventTrace, EventTraces, outcomeOf } from "./event-trace";
import { SearchedId } from "./searched-id";

export type SourceName = "log" | "index" | "table" | "archive" | "filter policy" | "queue" | "dead-letter queue";

/** A place that was searched, or could not be searched. */
export interface SearchedSource {
  readonly place: SourceName;
  readonly seen: boolean;
  readonly note: string;
}

export interface EventExplanation {
  readonly id: string;
  /** The publications that the ID refers to: several if events share the ID, or if an event's ID looks like a MessageId. */
  readonly traces: readonly EventTrace[];
  readonly sources: readonly SearchedSource[];
  /** The queue's counts; present if the event may be in the queue. */
  readonly queue?: QueueCounts;
}

export interface ExplainOptions {
  /** The time from which the log and the archive are searched. Indexes are searched completely. */
  readonly since: Date;
  readonly signal: AbortSignal;
  /** Receives the number of archive objects read so far. */
  readonly onObject?: (objects: number) => void;
}

/** The maximum number of publications to look up in the archive. */
const MAX_IN_ARCHIVE = 5;
/** The maximum difference between the clocks of SNS and S3, in milliseconds. */
const MAX_CLOCK_SKEW_MS = 60_000;
/** Attributes with IDs, by which a secondary index may find events. */
const ID_ATTRIBUTES: readonly string[] = ["message_id", ID_ATTRIBUTE] satisfies AttributeName[];

/**
 * Traces an event by its MessageId or its own ID. The handler's log has recent
 * events. Older events are found in the table's secondary index, if it has one,
 * or in the archive. The table is never scanned. The dead-letter queue is peeked
 * only if nothing else explains the event.
 *
 * @throws OperationError when no source is accessible.
 * @example
 * const { traces } = await explainEvent(pipeline, messageId, { since: new Date(Date.now() - 3_600_000), signal });
 */
export async function explainEvent(pipeline: Pipeline, id: string, options: ExplainOptions): Promise<EventExplanation> {
  return new Investigation(pipeline, new SearchedId(id), options).explain();
}

class Investigation {
  private readonly traces = new EventTraces();
  private readonly sources: SearchedSource[] = [];
  private firstError: OperationError | undefined;
  private queue: QueueCounts | undefined;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly id: SearchedId,
    private readonly options: ExplainOptions,
  ) {}

  async explain(): Promise<EventExplanation> {
    const { pipeline, id, traces } = this;
    await this.search("log", () => this.searchLog());
    await this.search("index", () => this.searchIndexes());
    if (traces.all.length === 0) await this.search("archive", () => this.searchArchive());
    else for (const trace of traces.all.slice(0, MAX_IN_ARCHIVE)) await this.findInArchive(trace);
    for (const trace of traces.all) addExpected(trace, pipeline.processor.deadLetterQueueName);
    await this.readTable();
    for (const trace of traces.all) await this.explainAbsence(trace);
    await this.peekDeadLetterQueues();
    if (traces.all.some(isUnexplained) || traces.all.length === 0) await this.search("queue", () => this.countQueue());
    if (this.sources.every(({ seen }) => !seen) && this.firstError) throw this.firstError;
    return { id: id.id, traces: traces.all, sources: this.sources, ...(this.queue && { queue: this.queue }) };
  }

  /** Searches a place, and adds it to `sources`. An inaccessible place does not end the search. */
  private async search(place: SourceName, search: () => Promise<string | undefined>): Promise<void> {
    try {
      const note = await search();
      if (note !== undefined) this.sources.push({ place, seen: true, note });
    } catch (error) {
      if (!isInaccessible(error)) throw error;
      const known = toOperationError(error, this.pipeline.description);
      this.firstError ??= known;
      this.sources.push({ place, seen: false, note: known.message });
    }
  }

  /** Finds the ID in the lines of batches, then finds the reasons of failed attempts by MessageId. */
  private async searchLog(): Promise<string> {
    const { id, traces, options } = this;
    await this.readLog(id.logText ?? LOG_LINES.batch, (record) => id.matchesLogged(record));
    for (const { messageId, attempts } of traces.all.slice(0, EventTraces.MAX)) {
      const isExplained = attempts.every(({ end, reason }) => end === "stored" || reason !== undefined);
      if (!isExplained) await this.readLog(messageId, () => false);
    }
    return `the handler's log since ${options.since.toISOString()}`;
  }

  private async readLog(text: string, matches: (record: LoggedRecord) => boolean): Promise<void> {
    const { traces } = this;
    const { since, signal } = this.options;
    for await (const line of handlerLines(this.pipeline, { text, since, signal })) {
      for (const record of recordsOf(line) ?? []) if (matches(record)) traces.addRecord(record, line.at);
      const { [LOG_FIELDS.reason]: reason, [LOG_FIELDS.messageId]: sqsId, sns_message_id, receive_count } = line.fields;
      if (typeof reason !== "string") continue;
      for (const messageId of [sns_message_id, sqsId]) {
        if (typeof messageId === "string") traces.addReason(messageId, Number(receive_count), reason);
      }
    }
  }

  /** Queries the table's secondary indexes that have IDs as keys. */
  private async searchIndexes(): Promise<string | undefined> {
    const { pipeline, id, traces } = this;
    const dynamodb = pipeline.client(DynamoDBClient);
    const TableName = pipeline.names.table;
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const searched: string[] = [];
    for (const { IndexName, KeySchema = [], IndexStatus } of Table?.GlobalSecondaryIndexes ?? []) {
      const attribute = KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
      if (!IndexName || !attribute || !ID_ATTRIBUTES.includes(attribute) || IndexStatus === "CREATING") continue;
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName,
          IndexName,
          Limit: EventTraces.MAX,
          KeyConditionExpression: "#id = :id",
          ExpressionAttributeNames: { "#id": attribute },
          ExpressionAttributeValues: { ":id": { S: attribute === ID_ATTRIBUTE ? id.keyId : id.id } },
        }),
      );
      searched.push(IndexName);
      // The items of an index may have only keys, so the events are read from the table.
      for (const stored of await readEvents(pipeline, Items.map(storedEvent))) {
        const trace = traces.of(stored.message_id);
        trace.publishedAt = new Date(stored.received_at);
        trace.key = { event_type: stored.event_type, timestamp_id: stored.timestamp_id };
      }
    }
    if (searched.length > 0) return `the table's ${searched.join(" and ")}`;
    if (traces.all.length === 0) {
      const note = "the table, because it has no index of event IDs (the option eventIdIndex adds one)";
      this.sources.push({ place: "index", seen: false, note });
    }
    return undefined;
  }

  /** Finds the publications that the ID refers to. */
  private searchArchive(): Promise<string> {
    const { since } = this.options;
    const which = `with events published since ${since.toISOString()}`;
    return this.readArchive(which, { since }, EventTraces.MAX, (record) => this.id.matchesArchived(record));
  }

  /** Looks for a publication in the archive objects from around its time of publication. */
  private async findInArchive(trace: EventTrace): Promise<void> {
    const { messageId, publishedAt } = trace;
    if (publishedAt === undefined) return;
    await this.search("archive", async () => {
      const timeRange = { since: publishedAt, until: new Date(publishedAt.getTime() + 1) };
      const isSame = ({ envelope }: ArchivedRecord) => envelope.messageId === messageId;
      const oldest = new Date(publishedAt.getTime() - MAX_CLOCK_SKEW_MS);
      const note = await this.readArchive(`from around the time of message ${messageId}`, timeRange, 1, isSame, oldest);
      return trace.archived ? undefined : note;
    });
  }

  /**
   * Adds matching records to their traces, and returns a description of what was read.
   *
   * @param which - Which objects are read, for the description.
   * @param maxTraces - The number of traces at which the search ends.
   * @param oldest - The time of the earliest object to read.
   */
  private async readArchive(
    which: string,
    timeRange: TimeRange,
    maxTraces: number,
    matches: (record: ArchivedRecord) => boolean,
    oldest = new Date(0),
  ): Promise<string> {
    const { pipeline, traces, options } = this;
    const archive = await openArchive(pipeline);
    const { bucket } = archive;
    const read: { objects: number; unreadable: number; newest?: Date } = { objects: 0, unreadable: 0 };
    const records = archivedRecords({
      archive,
      timeRange,
      includesObject: ({ lastModified }) => {
        if (lastModified && !(read.newest && read.newest > lastModified)) read.newest = lastModified;
        return !lastModified || lastModified >= oldest;
      },
      onUnreadable: () => {
        read.unreadable += 1;
      },
      onObject: () => {
        read.objects += 1;
        options.onObject?.(read.objects);
      },
      signal: options.signal,
    });
    for await (const record of records) {
      if (!matches(record)) continue;
      const { envelope, position, body } = record;
      const trace = traces.of(envelope.messageId);
      trace.publishedAt ??= envelope.timestamp;
      trace.archived = { bucket, ...position };
      trace.envelope = body;
      if (traces.all.length >= maxTraces) break;
    }
    const { objects, unreadable, newest } = read;
    const damaged = unreadable > 0 ? ` (${unreadable} records or objects could not be read)` : "";
    // Shows whether the event may still be buffered by Firehose.
    const latest = newest ? `; the newest is from ${newest.toISOString()}` : "";
    return `${objects} ${objects === 1 ? "object" : "objects"} of s3://${bucket}${damaged} ${which}${latest}`;
  }

  private async readTable(): Promise<void> {
    const keyed = this.traces.all.flatMap((trace) => (trace.key ? [{ trace, key: trace.key }] : []));
    if (keyed.length === 0) return;
    const keys = keyed.map(({ key }) => key);
    await this.search("table", async () => {
      const events = await readEvents(this.pipeline, keys);
      for (const { trace, key } of keyed) {
        const stored = events.find((event) => keyText(event) === keyText(key));
        if (!stored) continue;
        trace.stored = stored;
        if (stored.event_id !== stored.message_id) trace.eventId = stored.event_id;
      }
      return `the table, by ${keyed.length === 1 ? "the event's key" : "the events' keys"}`;
    });
  }

  /** Determines from the envelope whether an absent event has expired or was filtered. */
  private async explainAbsence(trace: EventTrace): Promise<void> {
    const { envelope } = trace;
    if (trace.stored || trace.deadLetter || envelope === undefined) return;
    await this.search("filter policy", async () => {
      const { item } = expectedOutcome(parseEnvelope(envelope), (await eventTtlDays(this.pipeline)) ?? 0);
      trace.expired = item !== undefined && isExpired(item);
      if (trace.expired || trace.attempts.length > 0) return undefined;
      const filter = await queueFilter(this.pipeline);
      trace.filtered = filter !== undefined && !filter(envelope);
      return "the current filter policy of the queue's subscription";
    });
  }

  /** Peeks at the dead-letter queues until they explain every event. */
  private async peekDeadLetterQueues(): Promise<void> {
    const { pipeline, traces } = this;
    for (const queue of [pipeline.processor.deadLetterQueueName, pipeline.names.undeliveredQueue]) {
      const unexplained = traces.all.filter(isUnexplained);
      if (traces.all.length > 0 && unexplained.length === 0) return;
      const id = unexplained.length === 1 ? unexplained[0]?.messageId : this.id.id;
      await this.search("dead-letter queue", async () => {
        const { seen, complete, matched, stoppedBy } = await peekQueue(await resolveDeadLetterQueue(pipeline, queue), {
          filter: { id },
          signal: this.options.signal,
          onMessage: ({ snsMessageId, sqsMessageId, code, reason, message }) => {
            const trace = traces.of(snsMessageId ?? sqsMessageId);
            trace.deadLetter = { queue, code, reason, seen: true };
            const envelope = envelopeOf(message);
            if (envelope) trace.publishedAt ??= envelope.timestamp;
            return "stop";
          },
        });
        if (stoppedBy) throw stoppedBy;
        if (seen === 0) return `${queue}, which had no visible message`;
        const part = complete || matched > 0 ? "" : " (not all)";
        return `${seen} ${seen === 1 ? "message" : "messages"} in ${queue}${part}; this added one to each receive count`;
      });
    }
  }

  private async countQueue(): Promise<string> {
    const { queueName } = this.pipeline.processor;
    this.queue = await queueCounts(await this.pipeline.queue(queueName));
    return `the counts of ${queueName}; SQS cannot find a message by its ID`;
  }
}

/** Returns whether the event's outcome is not known yet. */
function isUnexplained(trace: EventTrace): boolean {
  return ["waiting", "retried"].includes(outcomeOf(trace));
}

/** Adds the expected key or refusal from the archived envelope, and a refusal that the handler logged. */
function addExpected(trace: EventTrace, queue: string): void {
  const last = trace.attempts.at(-1);
  if (last?.end === "refused") trace.deadLetter = { queue, code: last.code, reason: last.reason, seen: false };
  if (trace.envelope === undefined) return;
  const { item, refusal } = expectedOutcome(parseEnvelope(trace.envelope), 0);
  if (item) trace.key ??= { event_type: item.event_type, timestamp_id: item.timestamp_id };
  if (item && item.event_id !== item.message_id) trace.eventId ??= item.event_id;
  if (refusal) trace.refusal = { code: refusal.code, reason: refusal.message };
}
