import { DATA_ATTRIBUTES, type EventKey, keyText, type WireItem } from "@event-pipeline/event-model/item/attributes";
import type { EventItem } from "@event-pipeline/event-model/item/item";
import { pMapIterable } from "p-map";
import { type ArchiveSources, resolveArchiveSources } from "../archive/archived-objects";
import {
  type ArchivedRecord,
  type ArchivePosition,
  archivedRecords,
  type ReadArchiveOptions,
  recordGroups,
} from "../archive/archived-records";
import { NO_CODE } from "../dlq/dead-letter-message";
import { peekQueue } from "../dlq/peek-queue";
import { resolveDeadLetterQueue } from "../dlq/resolve-dead-letter-queue";
import {
  type ExpectedOutcome,
  expectedOutcome,
  expectedOutcomeKeyOnly,
  type ItemKey,
  isExpired,
} from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import { queueCounts } from "../sqs/queue-counts";
import { hasSameData } from "../table/compare-data";
import { NO_TYPE, Tallies } from "./tally";

const CONCURRENT_GROUPS = 8;
/** The maximum number of findings of each kind. Further findings are only counted. */
const MAX_FINDINGS = 50_000;

/** The archive, the table and the queues in which a reconcile looks for events. */
export interface ReconcileSources extends ArchiveSources {
  /** Looks for MessageIds from SNS in the dead-letter queue. Returns the refusal code of each that is there. */
  readonly deadLetterCodes: (
    messageIds: ReadonlySet<string>,
    signal?: AbortSignal,
  ) => Promise<ReadonlyMap<string, string>>;
  /** Returns the number of messages in the queue, including messages in flight and delayed messages. */
  readonly waitingMessages: () => Promise<number>;
}

export interface ReconcileOptions extends Pick<ReadArchiveOptions, "timeRange" | "onUnreadable"> {
  /** True to also compare the events' data. */
  readonly compareData: boolean;
  readonly onProgress?: (tallies: Tallies) => void;
  readonly signal?: AbortSignal | undefined;
}

/** An archived event that is missing from the table, or whose item has different data. */
export interface ReconcileFinding {
  readonly what: "missing" | "different" | "dead-lettered" | "waiting";
  /** The refusal code; present only for a dead-lettered event. */
  readonly code?: string;
  readonly key: EventKey;
  readonly messageId: string;
  readonly publishedAt: Date;
  readonly position: ArchivePosition;
}

export interface ReconcileResult {
  readonly tallies: Tallies;
  /** Up to 50,000 events that are not in the table, and up to 50,000 whose data differs. */
  readonly findings: readonly ReconcileFinding[];
  /** True if the expiry of events is unknown. Expired events count as missing. */
  readonly isTtlUnknown: boolean;
}

/** Finds the pipeline's archive, table and queues. */
export async function resolveReconcileSources(pipeline: Pipeline): Promise<ReconcileSources> {
  return {
    ...(await resolveArchiveSources(pipeline)),
    deadLetterCodes: async (messageIds, signal) => {
      const codes = new Map<string, string>();
      const queue = await resolveDeadLetterQueue(pipeline);
      if ((await queueCounts(queue)).visible === 0) return codes;
      const { stoppedBy } = await peekQueue(queue, {
        signal,
        onMessage: ({ snsMessageId, code = NO_CODE }) => {
          if (snsMessageId !== undefined && messageIds.has(snsMessageId)) codes.set(snsMessageId, code);
          return codes.size === messageIds.size ? "stop" : undefined;
        },
      });
      if (stoppedBy) throw stoppedBy;
      return codes;
    },
    waitingMessages: async () => {
      const { visible, inFlight, delayed } = await queueCounts(await pipeline.queue(pipeline.processor.queueName));
      return visible + inFlight + delayed;
    },
  };
}

/**
 * Looks up each archived event in the table, and explains why events are not
 * there. Memory stays constant, regardless of the number of events.
 *
 * @example
 * const { tallies } = await reconcile(await resolveReconcileSources(pipeline), { timeRange: { since }, compareData: false, onUnreadable });
 */
export async function reconcile(sources: ReconcileSources, options: ReconcileOptions): Promise<ReconcileResult> {
  const { timeRange, onUnreadable, signal, onProgress } = options;
  const records = archivedRecords({ archive: sources.archive, timeRange, onUnreadable });
  const tallies = new Tallies();
  const findings: ReconcileFinding[] = [];
  const absent: ReconcileFinding[] = [];
  const groups = pMapIterable(recordGroups(records, signal), (group) => classify(group, sources, options.compareData), {
    concurrency: CONCURRENT_GROUPS,
  });
  for await (const group of groups) {
    for (const { record, type, outcome, key } of group) {
      const tally = tallies.of(type);
      tally.archived += 1;
      tally[outcome] += 1;
      if (!key || (outcome !== "missing" && outcome !== "different")) continue;
      const list = outcome === "missing" ? absent : findings;
      if (list.length === MAX_FINDINGS) continue;
      const { messageId, timestamp: publishedAt } = record.envelope;
      // Copies the key, so that the item with its data can be freed.
      const { event_type, timestamp_id } = key;
      const { position } = record;
      list.push({ what: outcome, key: { event_type, timestamp_id }, messageId, publishedAt, position });
    }
    onProgress?.(tallies);
  }
  if (signal?.aborted || absent.length === 0) findings.push(...absent);
  else findings.push(...(await explainAbsent(absent, sources, tallies, signal)));
  return { tallies, findings, isTtlUnknown: sources.eventTtlDays === undefined };
}

interface ClassifiedRecord {
  readonly record: ArchivedRecord;
  readonly type: string;
  readonly outcome: "stored" | "folded" | "refused" | "filtered" | "expired" | "different" | "missing";
  readonly key: EventKey | undefined;
}

async function classify(
  group: readonly ArchivedRecord[],
  { table, filter, eventTtlDays: ttlDays = 0 }: ReconcileSources,
  compareData: boolean,
): Promise<ClassifiedRecord[]> {
  const expect = compareData ? expectedOutcome : expectedOutcomeKeyOnly;
  const expected = group.map(({ envelope }): ExpectedOutcome<ItemKey> => expect(envelope, ttlDays));
  const items = await table.get(
    expected.flatMap(({ item }) => item ?? []),
    ["message_id", ...(compareData ? DATA_ATTRIBUTES : [])],
  );
  return group.map((record, index) => {
    const { item, event, envelope } = expected[index] as ExpectedOutcome<ItemKey>;
    const found: WireItem | undefined = item && items.get(keyText(item));
    const outcome = (): ClassifiedRecord["outcome"] => {
      // With compareData, the expected item has every attribute.
      if (found && compareData && !hasSameData(found, item as EventItem, event?.text ?? "")) return "different";
      if (found) return found.message_id?.S === envelope.messageId ? "stored" : "folded";
      if (filter && !filter(record.body)) return "filtered";
      if (!item) return "refused";
      return isExpired(item) ? "expired" : "missing";
    };
    return { record, type: item?.event_type ?? NO_TYPE, outcome: outcome(), key: item };
  });
}

/** Looks for absent events in the table again, then in the dead-letter queue. Of the rest, as many as the queue has count as waiting. */
async function explainAbsent(
  absent: readonly ReconcileFinding[],
  { table, deadLetterCodes, waitingMessages }: ReconcileSources,
  tallies: Tallies,
  signal: AbortSignal | undefined,
): Promise<ReconcileFinding[]> {
  const move = ({ key }: ReconcileFinding, to: "stored" | "deadLettered" | "waiting") => {
    const tally = tallies.of(key.event_type);
    tally.missing -= 1;
    tally[to] += 1;
  };
  // The queue is counted before the table is read. So an event that is stored in between is found in the table.
  const waiting = await waitingMessages();
  const items = await table.get(absent.map(({ key }) => key));
  const [stillAbsent, stored] = partition(absent, ({ key }) => !items.has(keyText(key)));
  for (const finding of stored) move(finding, "stored");
  if (stillAbsent.length === 0) return [];
  const codes = await deadLetterCodes(new Set(stillAbsent.map(({ messageId }) => messageId)), signal);
  const [deadLettered, unexplained] = partition(stillAbsent, ({ messageId }) => codes.has(messageId));
  // The latest events are the most likely to be in the queue.
  unexplained.sort((one, other) => other.publishedAt.getTime() - one.publishedAt.getTime());
  for (const finding of deadLettered) move(finding, "deadLettered");
  for (const finding of unexplained.slice(0, waiting)) move(finding, "waiting");
  return [
    ...deadLettered.map(
      (finding) => ({ ...finding, what: "dead-lettered", code: String(codes.get(finding.messageId)) }) as const,
    ),
    ...unexplained.map((finding, index) => (index < waiting ? ({ ...finding, what: "waiting" } as const) : finding)),
  ];
}

/** Returns the values that pass a test, and the other values. */
function partition<T>(values: readonly T[], passes: (value: T) => boolean): [T[], T[]] {
  return [values.filter(passes), values.filter((value) => !passes(value))];
}
