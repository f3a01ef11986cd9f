import { DescribeTableCommand, DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { parseEnvelope, traceIdIn, traceIdOf } from "@event-pipeline/event-model/envelope";
import { unreadableTimeIn } from "@event-pipeline/event-model/event";
import { type AttributeName, ID_ATTRIBUTE, keyText } from "@event-pipeline/event-model/item/attributes";
import { expiryOf } from "@event-pipeline/event-model/item/item";
import { storedIdOf } from "@event-pipeline/event-model/item/key";
import { LOG_FIELDS, LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { openArchive, type TimeRange } from "../../archive/archived-objects";
import { type ArchivedRecord, type ArchivePosition, archivedRecords } from "../../archive/archived-records";
import { positionalWords } from "../../commands";
import { type DeployedContracts, deployedContracts, NO_CONTRACTS } from "../../deployed-contracts";
import { envelopeOf } from "../../dlq/dead-letter-message";
import { peekProblem, peekQueue } from "../../dlq/peek-queue";
import { resolveDeadLetterQueue } from "../../dlq/resolve-dead-letter-queue";
import { OperationError } from "../../errors";
import { eventTtlDays } from "../../event-ttl";
import { expectedOutcome, isExpired, possibleKeysOf } from "../../expected-outcome";
import type { Pipeline } from "../../pipeline";
import { knownValue, type Reading, readSource } from "../../reading";
import { type QueueCounts, queueCounts } from "../../sqs/queue-counts";
import { listSubscriptions, queueFilter, queueSubscription } from "../../subscriptions";
import { readEvents, storedEvent } from "../../table/stored-event";
import { handlerLines, recordsOf } from "../handler-log";
import { type DeadLetterPlace, type EventTrace, EventTraces, outcomeOf } from "./event-trace";
import { SearchedId } from "./searched-id";

export type SourceName =
  | "contracts"
  | "log"
  | "index"
  | "table"
  | "archive"
  | "time to live"
  | "filter policy"
  | "queue"
  | "dead-letter queue";

/** A place that was searched, or could not be searched. */
export interface SearchedSource {
  readonly place: SourceName;
  readonly seen: boolean;
  readonly note: string;
  /** Present if the place could not be read, or only in part. The event may be there. */
  readonly error?: OperationError;
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
  /** Receives each error once, with the first place that could not be read because of it. */
  readonly onUnread?: (place: SourceName, error: OperationError) => void;
}

/** The maximum number of publications to look up in the archive. */
const MAX_IN_ARCHIVE = 5;
/** The maximum difference between the clocks of SNS and S3, in milliseconds. */
const MAX_CLOCK_SKEW_MS = 60_000;
/** The shortest time to live of an item is a day. */
const MIN_TTL_MS = 86_400_000;
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
  /** The messages of the errors that were reported. */
  private readonly reported = new Set<string>();
  private queue: QueueCounts | undefined;
  private contracts: Reading<DeployedContracts> = { state: "there", value: NO_CONTRACTS };

  constructor(
    private readonly pipeline: Pipeline,
    private readonly id: SearchedId,
    private readonly options: ExplainOptions,
  ) {}

  async explain(): Promise<EventExplanation> {
    const { id, traces } = this;
    this.contracts = await this.search("contracts", () => deployedContracts(this.pipeline, this.options.signal));
    await this.searchLog();
    await this.search("index", () => this.searchIndexes());
    if (traces.all.length === 0) await this.search("archive", () => this.searchArchive());
    else await this.findInArchive();
    this.addExpected();
    await this.readTable();
    for (const trace of traces.all) await this.explainAbsence(trace);
    await this.peekDeadLetterQueues();
    if (traces.all.some(isUnexplained) || traces.all.length === 0) await this.search("queue", () => this.countQueue());
    const errors = this.sources.flatMap(({ error }) => error ?? []);
    if (this.sources.every(({ seen }) => !seen) && errors[0]) throw errors[0];
    this.reportUnread();
    return { id: id.id, traces: traces.all, sources: this.sources, ...(this.queue && { queue: this.queue }) };
  }

  /** Searches a place. An error is added to `sources`, and does not end the search of other places. */
  private async search<T>(place: SourceName, find: () => Promise<T | undefined>): Promise<Reading<T>> {
    const { signal } = this.options;
    const reading = await readSource(find, this.pipeline.description, signal);
    // An interrupted peek throws no error.
    signal.throwIfAborted();
    if (reading.state === "not known") {
      const { error } = reading;
      const isNew = this.sources.every((source) => source.place !== place || source.note !== error.message);
      if (isNew) this.sources.push({ place, seen: false, note: error.message, error });
      this.reportUnread();
    }
    return reading;
  }

  /** Reports each error once, unless no place could be read: the first error is the result then. */
  private reportUnread(): void {
    if (!this.sources.some(({ seen }) => seen)) return;
    for (const { place, note, error } of this.sources) {
      if (!error || this.reported.has(note)) continue;
      this.reported.add(note);
      this.options.onUnread?.(place, error);
    }
  }

  private searched(place: SourceName, note: string): void {
    this.sources.push({ place, seen: true, note });
  }

  /** Finds the ID in the lines of batches, then finds the reasons of failed attempts by MessageId. */
  private async searchLog(): Promise<void> {
    const { id, traces, options } = this;
    const log = await this.search<never>("log", async () => {
      await this.readLog(id.logText ?? LOG_LINES.batch, (record) => id.matchesLogged(record));
      this.searched("log", `the handler's log since ${options.since.toISOString()}`);
      return undefined;
    });
    if (log.state === "not known") traces.logFailed(log);
    const unexplained = traces.all.filter(({ attempts }) =>
      attempts.some(({ end, reason }) => end !== "stored" && reason === undefined),
    );
    await this.search<never>("log", async () => {
      for (const { messageId } of unexplained.slice(0, EventTraces.MAX)) await this.readLog(messageId, () => false);
      if (unexplained.length > EventTraces.MAX) throw this.tooMany(unexplained.length, "reasons of", EventTraces.MAX);
      return undefined;
    });
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
  private async searchIndexes(): Promise<undefined> {
    const { pipeline, id, traces, options } = this;
    const abort = { abortSignal: options.signal };
    const dynamodb = pipeline.client(DynamoDBClient);
    const TableName = pipeline.names.table;
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }), abort);
    const searched: string[] = [];
    for (const { IndexName, KeySchema = [], IndexStatus } of Table?.GlobalSecondaryIndexes ?? []) {
      const attribute = KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
      if (!IndexName || !attribute || !ID_ATTRIBUTES.includes(attribute)) continue;
      if (IndexStatus === "CREATING") {
        throw new OperationError(`DynamoDB still creates the table's index ${IndexName}. Try again later.`);
      }
      const { Items = [], LastEvaluatedKey } = await dynamodb.send(
        new QueryCommand({
          TableName,
          IndexName,
          Limit: EventTraces.MAX,
          KeyConditionExpression: "#id = :id",
          ExpressionAttributeNames: { "#id": attribute },
          ExpressionAttributeValues: { ":id": { S: attribute === ID_ATTRIBUTE ? id.keyId : id.id } },
        }),
        abort,
      );
      searched.push(IndexName);
      // The items of an index may have only keys, so the events are read from the table.
      for (const stored of await readEvents(pipeline, Items.map(storedEvent), options.signal)) {
        const trace = traces.of(stored.message_id);
        trace.publishedAt = new Date(stored.received_at);
        const traceId = traceIdIn(stored.attributes?.traceparent);
        if (traceId !== undefined) trace.traceId ??= traceId;
        trace.key = { event_type: stored.event_type, timestamp_id: stored.timestamp_id };
      }
      if (LastEvaluatedKey)
        throw this.tooMany(`more than ${EventTraces.MAX}`, "items in the index of", EventTraces.MAX);
    }
    if (searched.length > 0) this.searched("index", `the table's ${searched.join(" and ")}`);
    else if (traces.all.length === 0) {
      const note = "the table, because it has no index of event IDs (the option eventIdIndex adds one)";
      this.sources.push({ place: "index", seen: false, note });
    }
    return undefined;
  }

  /** Finds the publications that the ID refers to. */
  private async searchArchive(): Promise<undefined> {
    const { since } = this.options;
    const which = `with events published since ${since.toISOString()}`;
    const { current, formerMappings } = knownValue(this.contracts) ?? NO_CONTRACTS;
    const mappings = [current.mapping, ...formerMappings];
    const isSame = (record: ArchivedRecord) => this.id.matchesArchived(record, mappings);
    // An object has no event that was published after it was written.
    const oldest = new Date(since.getTime() - MAX_CLOCK_SKEW_MS);
    await this.readArchive(which, { since }, EventTraces.MAX, isSame, oldest);
  }

  /** Looks for each publication in the archive objects from around its time of publication. */
  private async findInArchive(): Promise<void> {
    const published = this.traces.all.filter(({ publishedAt }) => publishedAt !== undefined);
    for (const trace of published.slice(0, MAX_IN_ARCHIVE)) {
      const { messageId, publishedAt = new Date(0) } = trace;
      const timeRange = { since: publishedAt, until: new Date(publishedAt.getTime() + 1) };
      const isSame = ({ envelope }: ArchivedRecord) => envelope.messageId === messageId;
      const oldest = new Date(publishedAt.getTime() - MAX_CLOCK_SKEW_MS);
      trace.archive = await this.search("archive", () =>
        this.readArchive(`from around the time of message ${messageId}`, timeRange, 1, isSame, oldest),
      );
    }
    await this.search<never>("archive", async () => {
      if (published.length > MAX_IN_ARCHIVE) throw this.tooMany(published.length, "archive objects of", MAX_IN_ARCHIVE);
      return undefined;
    });
  }

  /**
   * Adds matching records to their traces, and adds what was read to `sources`.
   *
   * @param which - Which objects are read, for the description.
   * @param maxFound - The number of publications at which the search ends. With 1, there is no other publication.
   * @param oldest - The time of the earliest object to read.
   * @returns the position of the last matching record.
   * @throws OperationError when an object could not be read, or when there are more publications.
   */
  private async readArchive(
    which: string,
    timeRange: TimeRange,
    maxFound: number,
    matches: (record: ArchivedRecord) => boolean,
    oldest: Date,
  ): Promise<ArchivedPosition | undefined> {
    const { pipeline, traces, options } = this;
    const archive = await openArchive(pipeline, options.signal);
    const { bucket } = archive;
    const read: { objects: number; unread: number; damaged: number; newest?: Date } = {
      objects: 0,
      unread: 0,
      damaged: 0,
    };
    let error: OperationError | undefined;
    const records = archivedRecords({
      archive,
      timeRange,
      includesObject: ({ lastModified }) => {
        if (!lastModified) return true;
        if (!(read.newest && read.newest > lastModified)) read.newest = lastModified;
        return lastModified >= oldest;
      },
      onUnreadable: ({ key, line, reason, error: cause }) => {
        if (line !== undefined) {
          read.damaged += 1;
          return;
        }
        read.unread += 1;
        error ??= cause ?? new OperationError(`s3://${bucket}/${key} could not be read. ${reason}`);
      },
      onObject: () => {
        read.objects += 1;
        options.onObject?.(read.objects);
      },
      signal: options.signal,
    });
    const found = new Set<string>();
    let last: ArchivedPosition | undefined;
    for await (const record of records) {
      if (!matches(record)) continue;
      const { envelope, position, body } = record;
      if (found.size === maxFound && !found.has(envelope.messageId)) {
        error ??= this.tooMany(`more than ${maxFound}`, "archived records of", maxFound);
        break;
      }
      found.add(envelope.messageId);
      const trace = traces.of(envelope.messageId);
      trace.publishedAt ??= envelope.timestamp;
      last = { bucket, ...position };
      trace.archive = { state: "there", value: last };
      trace.envelope = body;
      if (maxFound === 1) return last;
    }
    const { objects, unread, damaged, newest } = read;
    const part = damaged > 0 ? ` (${damaged} records are damaged)` : "";
    // Shows whether the event may still be buffered by Firehose.
    const latest =
      newest && unread === 0 && newest >= (timeRange.since ?? oldest)
        ? `; the newest object is from ${newest.toISOString()}`
        : "";
    const whole = objects - unread;
    const count =
      unread > 0 ? `${whole} of ${objects} objects in` : `${objects} ${objects === 1 ? "object" : "objects"} of`;
    if (whole > 0 || unread === 0) this.searched("archive", `${count} s3://${bucket}${part} ${which}${latest}`);
    if (error) throw error;
    return last;
  }

  /** Adds the expected key or refusal from the archived envelope, and a refusal that the handler logged. */
  private addExpected(): void {
    const queue = this.pipeline.processor.deadLetterQueueName;
    for (const trace of this.traces.all) {
      const last = trace.attempts.at(-1);
      if (last?.end === "refused") {
        const place = { queue, code: last.code, reason: last.reason, seen: false };
        trace.deadLetter = { state: "there", value: place };
      }
      if (trace.envelope === undefined) continue;
      const envelope = parseEnvelope(trace.envelope);
      const traceId = traceIdOf(envelope);
      if (traceId !== undefined) trace.traceId ??= traceId;
      const contracts = knownValue(this.contracts);
      const expected = expectedOutcome(envelope, 0, contracts ?? NO_CONTRACTS);
      trace.otherKeys = possibleKeysOf(expected);
      // Without the contracts, the key, the ID and the refusal are guesses. If the table has the event, it is found anyway.
      if (!contracts) {
        if (this.contracts.state === "not known") trace.table = this.contracts;
        continue;
      }
      const { storable, event, refusal } = expected;
      if (storable && event?.unreadableTime) trace.unreadableTime = event.unreadableTime;
      if (storable) trace.key ??= { event_type: storable.event_type, timestamp_id: storable.timestamp_id };
      const eventId = event && storedIdOf(event);
      if (eventId !== undefined) trace.eventId ??= eventId;
      if (refusal) trace.refusal = { code: refusal.code, reason: refusal.message };
    }
  }

  private async readTable(): Promise<void> {
    const keyed = this.traces.all.flatMap((trace) => {
      const keys = [...(trace.key ? [trace.key] : []), ...(trace.otherKeys ?? [])];
      return keys.length > 0 ? [{ trace, keys }] : [];
    });
    if (keyed.length === 0) return;
    const events = await this.search("table", async () => {
      const found = await readEvents(
        this.pipeline,
        keyed.flatMap(({ keys }) => keys),
        this.options.signal,
      );
      this.searched("table", `the table, by ${keyed.length === 1 ? "the event's key" : "the events' keys"}`);
      return new Map(found.map((event) => [keyText(event), event]));
    });
    for (const { trace, keys } of keyed) {
      const found = knownValue(events);
      const stored = keys.map((key) => found?.get(keyText(key))).find((event) => event !== undefined);
      if (stored) {
        trace.table = { state: "there", value: stored };
        trace.key = { event_type: stored.event_type, timestamp_id: stored.timestamp_id };
        // An item does not have everything that a mapping may read.
        const isMapped = stored.mapped_by !== undefined;
        const unreadableTime = isMapped ? undefined : unreadableTimeIn({ message: stored.data });
        if (unreadableTime) trace.unreadableTime = unreadableTime;
      }
      if (events.state === "not known") trace.table = events;
      if (stored && stored.event_id !== stored.message_id) trace.eventId = stored.event_id;
    }
  }

  /** Determines whether an absent event has expired or was filtered. */
  private async explainAbsence(trace: EventTrace): Promise<void> {
    const { table, deadLetter, key, publishedAt, envelope, attempts } = trace;
    const { pipeline, options } = this;
    if (table.state === "there" || deadLetter.state === "there") return;
    if (key && publishedAt && Date.now() - publishedAt.getTime() >= MIN_TTL_MS) {
      trace.expiry = await this.search("time to live", async () => {
        const days = await eventTtlDays(pipeline, options.signal);
        if (days === undefined) throw new OperationError("The days after which items expire are not known.");
        return isExpired({ ...key, ...expiryOf(publishedAt, days) }) || undefined;
      });
    }
    if (envelope === undefined || trace.expiry.state === "there" || attempts.length > 0) return;
    trace.filter = await this.search("filter policy", async () => {
      const subscriptions = await listSubscriptions(pipeline, options.signal);
      if (!queueSubscription(pipeline, subscriptions)) {
        trace.isUnsubscribed = true;
        this.searched("filter policy", `the topic's subscriptions: none is for ${pipeline.processor.queueName}`);
        return undefined;
      }
      const filter = await queueFilter(pipeline, subscriptions, options.signal);
      this.searched("filter policy", "the current filter policy of the queue's subscription");
      return (filter !== undefined && !filter(envelope)) || undefined;
    });
  }

  /** Peeks at the dead-letter queues until they explain every event. */
  private async peekDeadLetterQueues(): Promise<void> {
    const { pipeline, traces, options } = this;
    const unexplained = traces.all.filter(isUnexplained);
    if (traces.all.length > 0 && unexplained.length === 0) return;
    const isFound = () => traces.all.length > 0 && unexplained.every(({ deadLetter }) => knownValue(deadLetter)?.seen);
    const id = unexplained.length === 1 ? unexplained[0]?.messageId : this.id.id;
    for (const queue of [pipeline.processor.deadLetterQueueName, pipeline.names.undeliveredQueue]) {
      if (isFound()) return;
      const peek = await this.search<never>("dead-letter queue", async () => {
        const peeked = await peekQueue(await resolveDeadLetterQueue(pipeline, queue, options.signal), {
          filter: { id },
          signal: options.signal,
          mapping: knownValue(this.contracts)?.current.mapping,
          onMessage: ({ snsMessageId, sqsMessageId, code, reason, message }) => {
            const trace = traces.of(snsMessageId ?? sqsMessageId);
            const place: DeadLetterPlace = { queue, code, reason, seen: true };
            trace.deadLetter = { state: "there", value: place };
            const envelope = envelopeOf(message);
            if (envelope) trace.publishedAt ??= envelope.timestamp;
            // Several messages may have the same event ID.
            return isFound() && (unexplained.length > 0 || trace.messageId === id) ? "stop" : undefined;
          },
        });
        const { seen } = peeked;
        const note = `${seen} ${seen === 1 ? "message" : "messages"} in ${queue}; this added one to each receive count`;
        this.searched("dead-letter queue", seen === 0 ? `${queue}, which had no visible message` : note);
        const problem = peekProblem(queue, peeked, isFound());
        if (problem) throw problem;
        return undefined;
      });
      for (const trace of unexplained) {
        if (peek.state === "not known" && trace.deadLetter.state === "not there") trace.deadLetter = peek;
      }
    }
  }

  /** @param what - What was read for some of the publications, such as `archive objects of`. */
  private tooMany(count: number | string, what: string, read: number): OperationError {
    const { messageId = "" } = this.traces.all.at(-1) ?? {};
    const show = this.pipeline.cliCommand("events", "show", ...positionalWords(messageId));
    return new OperationError(
      `The ID refers to ${count} publications. Only the ${what} ${read} were read. Trace each publication by its MessageId, such as: ${show}`,
    );
  }

  private async countQueue(): Promise<undefined> {
    const { queueName } = this.pipeline.processor;
    const { signal } = this.options;
    this.queue = await queueCounts(await this.pipeline.queue(queueName, signal), signal);
    this.searched("queue", `the counts of ${queueName}; SQS cannot find a message by its ID`);
  }
}

type ArchivedPosition = ArchivePosition & { readonly bucket: string };

/** Returns whether a dead-letter queue may have the event. */
function isUnexplained(trace: EventTrace): boolean {
  const outcome = outcomeOf(trace);
  if (outcome.state === "not known") return knownValue(trace.log)?.end !== "stored";
  return outcome.value === "waiting" || outcome.value === "retried";
}
