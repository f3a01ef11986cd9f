import { DATA_ATTRIBUTES, type EventKey, keyText, type WireItem } from "@event-pipeline/event-model/item/attributes";
import type { EventItem } from "@event-pipeline/event-model/item/item";
import type { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { type Archive, MAX_BUFFER_MS, openArchive, type TimeRange } from "../archive/archived-objects";
import {
  type ArchivedRecord,
  type ArchivePosition,
  processArchive,
  type ReadArchiveOptions,
} from "../archive/archived-records";
import { toOperationError } from "../aws-errors";
import { type DeployedContracts, deployedContracts, NO_CONTRACTS } from "../deployed-contracts";
import { OperationError } from "../errors";
import { eventTtlDays } from "../event-ttl";
import {
  type ExpectedOutcome,
  expectedOutcome,
  expectedOutcomeKeyOnly,
  type ItemKey,
  isExpired,
  possibleKeysOf,
} from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import { areCredentialsRefused, knownValue, type Reading, readSource } from "../reading";
import { queueCounts, totalOf } from "../sqs/queue-counts";
import { queueFilter, type SubscriptionFilter } from "../subscriptions";
import { hasSameData } from "../table/compare-data";
import { EventTableReader } from "../table/events-table";
import { type DeadLetterCodes, deadLetterCodes } from "./dead-letter-codes";
import { type PublicationRange, storedEventInLog } from "./stored-event-in-log";
import { NO_TYPE, Tallies } from "./tally";

/** The maximum number of findings of each kind. Further findings are only counted. */
const MAX_FINDINGS = 50_000;
/** Items expire a whole number of days after their publication, so younger events are not expired. */
const MIN_TTL_MS = 86_400_000;
/** Milliseconds after which Firehose has archived an event: its longest buffering interval, and time to deliver. */
const ARCHIVE_DELAY_MS = MAX_BUFFER_MS + 300_000;

/** The archive and the table, and the sources that explain why an event is not in the table. */
export interface ReconcileSources {
  readonly archive: Archive;
  readonly table: EventTableReader;
  /** The filter of the queue's subscription; not there if the subscription has no filter policy. */
  readonly filter: Reading<SubscriptionFilter>;
  /** The number of days after which items expire; 0 for never. */
  readonly eventTtlDays: Reading<number>;
  /** The contracts and mappings by which the handler reads events, and read them earlier. */
  readonly contracts: Reading<DeployedContracts>;
  /** Looks for MessageIds from SNS in the dead-letter queue. */
  readonly deadLetterCodes: (
    messageIds: ReadonlySet<string>,
    signal?: AbortSignal,
  ) => Promise<Reading<DeadLetterCodes>>;
  /** Returns the number of messages in the queue, including messages in flight and delayed messages. */
  readonly waitingMessages: (signal?: AbortSignal) => Promise<Reading<number>>;
  /** Returns the time of publication of an event that the handler stored, published in the time range. */
  readonly storedEvent: (timeRange: PublicationRange, signal?: AbortSignal) => Promise<Reading<Date>>;
}

export interface ReconcileOptions extends Pick<ReadArchiveOptions, "onUnreadable" | "clock"> {
  readonly timeRange: TimeRange;
  /** True to also compare the events' data. */
  readonly compareData: boolean;
  readonly onProgress?: (tallies: Tallies) => void;
  readonly signal?: AbortSignal | undefined;
}

/** An archived event that is missing from the table, or whose item has different data. */
export interface ReconcileFinding {
  readonly what: "missing" | "unexplained" | "different" | "dead-lettered" | "waiting";
  /** The refusal code; present only for a dead-lettered event. */
  readonly code?: string;
  /** The key of the item with different data, or of the item that is missing. */
  readonly key: EventKey;
  /** True if the item with different data has a key that the event had under an earlier handler. */
  readonly isFormerKey: boolean;
  readonly messageId: string;
  readonly publishedAt: Date;
  readonly position: ArchivePosition;
}

/** An archived event that is under none of its keys in the table. */
interface AbsentEvent extends ReconcileFinding {
  readonly formerKeys?: readonly EventKey[];
}

export interface ReconcileResult {
  readonly tallies: Tallies;
  /** Up to 50,000 events that are not in the table, and up to 50,000 whose data differs. */
  readonly findings: readonly ReconcileFinding[];
  /** Sentences about what could not be read, or not be made visible again. */
  readonly notKnown: readonly string[];
  /** The time of publication of an event that the handler stored, and that the archive does not have. */
  readonly notArchived: Date | undefined;
  /** The error that ended the reconcile early. */
  readonly stoppedBy: OperationError | undefined;
}

/** Finds the pipeline's archive, table and queues. */
export async function resolveReconcileSources(pipeline: Pipeline): Promise<ReconcileSources> {
  const read = <T>(source: () => Promise<T | undefined>, signal?: AbortSignal) =>
    readSource(source, pipeline.description, signal);
  const [archive, filter, ttlDays, contracts] = await Promise.all([
    openArchive(pipeline),
    read(() => queueFilter(pipeline)),
    read(() => eventTtlDays(pipeline).then(requireTtl)),
    read(() => deployedContracts(pipeline)),
  ]);
  return {
    archive,
    table: EventTableReader.of(pipeline),
    filter,
    eventTtlDays: ttlDays,
    contracts,
    deadLetterCodes: (messageIds, signal) => read(() => deadLetterCodes(pipeline, messageIds, signal), signal),
    waitingMessages: (signal) =>
      read(async () => {
        const queue = await pipeline.queue(pipeline.processor.queueName, signal);
        return totalOf(await queueCounts(queue, signal));
      }, signal),
    storedEvent: (timeRange, signal) => read(() => storedEventInLog(pipeline, timeRange, signal), signal),
  };
}

function requireTtl(days: number | undefined): number {
  if (days !== undefined) return days;
  throw new OperationError("Neither the function's configuration nor an item in the table says when items expire.");
}

/**
 * Looks up each archived event in the table, and explains why events are not
 * there. Memory stays constant, regardless of the number of events. An error that ends the reconcile early is in its
 * result.
 *
 * @example
 * const { tallies } = await reconcile(await resolveReconcileSources(pipeline), { timeRange: { since }, compareData: false, onUnreadable });
 */
export async function reconcile(sources: ReconcileSources, options: ReconcileOptions): Promise<ReconcileResult> {
  const { archive } = sources;
  const run = new Reconciliation(sources, options);
  let stoppedBy = await run.lookUp();
  if (!stoppedBy && !options.signal?.aborted) {
    try {
      await run.explain();
      await run.findNotArchived();
    } catch (error) {
      if (!options.signal?.aborted) stoppedBy = toOperationError(error, archive.target);
    }
  }
  return { ...run.result, stoppedBy };
}

class Reconciliation {
  private readonly tallies = new Tallies();
  private readonly findings: ReconcileFinding[] = [];
  /** Events that are not in the table. */
  private absent: AbsentEvent[] = [];
  private readonly notKnown: string[] = [];
  private notArchived: Date | undefined;
  /** The publication of the latest archived event. */
  private latest: Date | undefined;

  constructor(
    private readonly sources: ReconcileSources,
    private readonly options: ReconcileOptions,
  ) {}

  get result(): Omit<ReconcileResult, "stoppedBy"> {
    const { tallies, findings, absent, notKnown, notArchived } = this;
    return { tallies, findings: [...findings, ...absent], notKnown, notArchived };
  }

  /** Looks up every archived event in the table. Returns the error that ended it early. */
  lookUp(): Promise<OperationError | undefined> {
    const { sources, options, tallies, findings, absent } = this;
    const { compareData, onProgress, ...reading } = options;
    return processArchive(
      { ...reading, archive: sources.archive },
      {
        work: (group, { signal }) => classify(group, sources, compareData, signal),
        take: (group) => {
          for (const { record, type, outcome, key, formerKeys } of group) {
            const { messageId, timestamp: publishedAt } = record.envelope;
            if (!this.latest || publishedAt > this.latest) this.latest = publishedAt;
            const tally = tallies.of(type);
            tally.archived += 1;
            tally[outcome] += 1;
            if (!key || (outcome !== "unexplained" && outcome !== "different")) continue;
            const list: AbsentEvent[] = outcome === "unexplained" ? absent : findings;
            if (list.length === MAX_FINDINGS) continue;
            // Copies the key, so that the item with its data can be freed.
            const { event_type, timestamp_id } = key;
            list.push({
              what: outcome,
              key: { event_type, timestamp_id },
              isFormerKey: formerKeys.includes(key),
              messageId,
              publishedAt,
              position: record.position,
              ...(outcome === "unexplained" && { formerKeys }),
            });
          }
          onProgress?.(tallies);
        },
      },
    );
  }

  /**
   * Looks for absent events in the table again, then in the dead-letter queue. Of the rest, as many as the queue has count
   * as waiting. The others are missing, unless a source that may explain them is not known.
   */
  async explain(): Promise<void> {
    const { table, deadLetterCodes, waitingMessages, filter, eventTtlDays, contracts } = this.sources;
    // Without the contracts, an event may also have no key.
    const mayBeRefused =
      this.tallies.total.unexplained > 0 &&
      !this.isKnown(contracts, "which contracts and which mapping the function has");
    if (this.absent.length === 0) return;
    const { signal } = this.options;
    // The queue is counted before the table is read. So an event that is stored in between is found in the table.
    const waitingReading = await waitingMessages(signal);
    const items = await table.get(
      this.absent.flatMap(({ key, formerKeys = [] }) => [key, ...formerKeys]),
      [],
      signal,
    );
    const isStored = (key: EventKey) => items.has(keyText(key));
    const [stored, stillAbsent] = partition(
      this.absent,
      ({ key, formerKeys = [] }) => isStored(key) || formerKeys.some(isStored),
    );
    for (const { key } of stored) this.move(key, isStored(key) ? "stored" : "formerKey");
    this.absent = stillAbsent;
    if (stillAbsent.length === 0) return;
    const ids = new Set(stillAbsent.map(({ messageId }) => messageId));
    const letters = this.valueOf(await deadLetterCodes(ids, signal), "which events are dead letters");
    this.notKnown.push(...(letters?.notes ?? []));
    const [deadLettered, others] = partition(stillAbsent, ({ messageId }) => letters?.codes.has(messageId) === true);
    for (const { key } of deadLettered) this.move(key, "deadLettered");
    const found = deadLettered.map((finding) => {
      return { ...finding, what: "dead-lettered", code: String(letters?.codes.get(finding.messageId)) } as const;
    });
    this.absent = [...found, ...others];
    if (others.length === 0) return;
    // The latest events are the most likely to be in the queue.
    others.sort((one, other) => other.publishedAt.getTime() - one.publishedAt.getTime());
    const waiting = this.valueOf(waitingReading, "how many events wait in the queue") ?? 0;
    const mayBeFiltered = !this.isKnown(filter, "which events the filter policy drops");
    const youngest = Date.now() - MIN_TTL_MS;
    const isOld = ({ publishedAt }: ReconcileFinding) => publishedAt.getTime() < youngest;
    const mayBeExpired = others.some(isOld) && !this.isKnown(eventTtlDays, "which events have expired");
    const mayBeElsewhere = waitingReading.state !== "there" || mayBeFiltered || mayBeRefused || !letters?.isComplete;
    this.absent = [
      ...found,
      ...others.map((finding, index): ReconcileFinding => {
        const isUnexplained = mayBeElsewhere || (mayBeExpired && isOld(finding));
        const what = index < waiting ? "waiting" : isUnexplained ? "unexplained" : "missing";
        if (what !== "unexplained") this.move(finding.key, what);
        return { ...finding, what };
      }),
    ];
  }

  /**
   * Looks for an event that the handler stored, and that the archive does not have: any in the time range if the archive
   * has none, otherwise one that was published after the latest archived event, and that Firehose no longer buffers.
   */
  async findNotArchived(): Promise<void> {
    const { timeRange, signal } = this.options;
    const now = Date.now();
    const end = this.latest ? now - ARCHIVE_DELAY_MS : now;
    const since = this.latest ? new Date(this.latest.getTime() + 1) : (timeRange.since ?? new Date(0));
    const until = new Date(Math.min(end, timeRange.until?.getTime() ?? end));
    if (since >= until) return;
    const stored = await this.sources.storedEvent({ since, until }, signal);
    this.notArchived = this.valueOf(stored, `whether the archive lacks events since ${since.toISOString()}`);
  }

  private isKnown(reading: Reading<unknown>, what: string): boolean {
    this.valueOf(reading, what);
    return reading.state !== "not known";
  }

  /** Returns a source's value. If it is not known, notes that. @throws the error of refused credentials. */
  private valueOf<T>(reading: Reading<T>, what: string): T | undefined {
    if (reading.state === "not known") {
      if (areCredentialsRefused(reading.error)) throw reading.error;
      this.notKnown.push(`Not known: ${what}. ${reading.error.message}`);
    }
    return knownValue(reading);
  }

  private move({ event_type }: EventKey, to: "stored" | "formerKey" | "deadLettered" | "waiting" | "missing"): void {
    const tally = this.tallies.of(event_type);
    tally.unexplained -= 1;
    tally[to] += 1;
  }
}

interface ClassifiedRecord {
  readonly record: ArchivedRecord;
  readonly type: string;
  readonly outcome:
    | "stored"
    | "folded"
    | "formerKey"
    | "refused"
    | "filtered"
    | "expired"
    | "different"
    | "unexplained";
  /** The key of the item that the outcome is about; undefined if the handler refuses the event. */
  readonly key: EventKey | undefined;
  readonly formerKeys: readonly EventKey[];
}

async function classify(
  group: readonly ArchivedRecord[],
  { table, filter, eventTtlDays: ttlDays, contracts }: ReconcileSources,
  compareData: boolean,
  signal: AbortSignal,
): Promise<ClassifiedRecord[]> {
  const expect = compareData ? expectedOutcome : expectedOutcomeKeyOnly;
  const expected = group.map(
    ({ envelope }): ExpectedOutcome<ItemKey> =>
      expect(envelope, knownValue(ttlDays) ?? 0, knownValue(contracts) ?? NO_CONTRACTS),
  );
  const items = await table.get(
    expected.flatMap(possibleKeysOf),
    ["message_id", ...(compareData ? DATA_ATTRIBUTES : [])],
    signal,
  );
  return group.map((record, index) => {
    const own = expected[index] as ExpectedOutcome<ItemKey>;
    const { item, storable, formerKeys, refusal, event, envelope } = own;
    const itemOf = (key: EventKey) => items.get(keyText(key)) as WireItem;
    const storedKeys = possibleKeysOf(own).filter(itemOf);
    const [storedKey] = storedKeys;
    // With compareData, the expected item has every attribute.
    const hasPublishedData = (key: EventKey) =>
      hasSameData(itemOf(key), storable as EventItem | undefined, event?.text ?? "");
    const differentKey = compareData ? storedKeys.find((key) => !hasPublishedData(key)) : undefined;
    const outcome = (): ClassifiedRecord["outcome"] => {
      if (differentKey) return "different";
      if (storedKey && formerKeys.includes(storedKey)) return "formerKey";
      if (storedKey) return itemOf(storedKey).message_id?.S === envelope.messageId ? "stored" : "folded";
      if (filter.state === "there" && !filter.value(record.body)) return "filtered";
      if (!item) return contracts.state === "not known" && mayDependOnContracts(refusal) ? "unexplained" : "refused";
      return isExpired(item) ? "expired" : "unexplained";
    };
    const key = differentKey ?? storedKey ?? storable;
    return { record, type: storable?.event_type ?? NO_TYPE, outcome: outcome(), key, formerKeys };
  });
}

/** Returns whether the refusal may be another one, or none, under a mapping. */
function mayDependOnContracts(refusal: RefusedMessageError | undefined): boolean {
  return refusal?.code !== "NOT_JSON" && refusal?.code !== "NOT_AN_OBJECT";
}

/** Returns the values that pass a test, and the other values. */
function partition<T>(values: readonly T[], passes: (value: T) => boolean): [T[], T[]] {
  return [values.filter(passes), values.filter((value) => !passes(value))];
}
