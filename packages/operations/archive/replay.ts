import { escapeRefused } from "@event-pipeline/event-model/sqs-text";
import { pMapIterable } from "p-map";
import { OperationError } from "../errors";
import { type Expected, expectedKeyOf, type ItemKey, isExpired } from "../expected-item";
import { Pace } from "../pause";
import { MAX_ENTRIES, type Outgoing, type QueueSender } from "../sqs/queue-sender";
import type { Filter } from "../subscription-filter";
import { type OverwriteGuard, TWO_TEXTS } from "../table/overwrite-guard";
import { keyText, type StoredItems } from "../table/stored-items";
import { type ArchivedRecord, archivedRecords, type Place, type ReadArchiveProps } from "./archived-records";
import { recordGroups } from "./record-groups";

/** Requests at once. */
const LANES = 8;

export interface ReplayProps extends Pick<ReadArchiveProps, "archive" | "span" | "after" | "onUnreadable"> {
  readonly sender: QueueSender;
  /** What the queue's subscription lets through; undefined for everything. */
  readonly filter: Filter | undefined;
  /** Days from receipt to expiry; 0 for never. */
  readonly eventTtlDays: number;
  /**
   * Only events of that type.
   * @default - of any
   */
  readonly type?: string | undefined;
  /**
   * Where to look what is stored already, and is then not sent.
   * @default - all is sent
   */
  readonly unlessStored?: StoredItems | undefined;
  /** Finds events that would replace an item by another: they are not sent. */
  readonly twoTexts: OverwriteGuard;
  /** Whether events are sent too that the handler refuses: they end in the dead-letter queue once more. */
  readonly includeRefused?: boolean | undefined;
  /** Whether nothing is sent, and what would be is only counted. */
  readonly dryRun?: boolean | undefined;
  /**
   * Events a second.
   * @default - as fast as it goes
   */
  readonly rate?: number | undefined;
  /** Takes no more events when it aborts; requests under way are finished. */
  readonly signal?: AbortSignal | undefined;
}

/** Of events of the span, how many were dealt with how. */
export interface ReplayCounts {
  /** Taken by the queue; of a dry run, would be sent. */
  sent: number;
  /** Not sent, for the table has them. */
  stored: number;
  /** Not sent, for the queue's subscription lets them through no more. */
  filtered: number;
  /** Not sent, for DynamoDB would delete them at once. */
  expired: number;
  /** Not sent, for the handler refuses them. */
  refused: number;
  /** Of another type. */
  otherType: number;
  /** Not sent, for the table has another text under their MessageId. */
  twoTexts: number;
  /** Not taken by the queue, for good. */
  failed: number;
}

/** An event that is not sent, or that the queue never takes. */
export interface ReplayFailure {
  readonly place: Place;
  readonly messageId: string;
  readonly reason: string;
}

/** How far a replay is. */
export interface ReplayState {
  readonly counts: ReplayCounts;
  /** Everything up to here is dealt with; undefined while nothing is. */
  readonly place: Place | undefined;
  /** New since the last state. */
  readonly failures: readonly ReplayFailure[];
}

export const NO_COUNTS: ReplayCounts = {
  sent: 0,
  stored: 0,
  filtered: 0,
  expired: 0,
  refused: 0,
  otherType: 0,
  twoTexts: 0,
  failed: 0,
};

/** What became of the records of one group. */
interface Dealt {
  readonly counts: ReplayCounts;
  readonly failures: ReplayFailure[];
  /** Of the last record that was dealt with, together with all before it. */
  place?: Place;
  /** Whether all of the group was. */
  whole: boolean;
}

/**
 * Sends archived events to the queue once more, from where the handler makes the
 * same items of them: to the queue and not to the topic, so that no other
 * subscriber gets them twice. Says after each group how far it is.
 *
 * The place never passes a record that is not dealt with, so that going on
 * after it, even after a kill, skips none; it may send some again.
 *
 * @throws OperationError when the queue takes no more at present.
 */
export async function* replay(props: ReplayProps): AsyncGenerator<ReplayState, void, void> {
  const { archive, span, after, onUnreadable, signal, rate } = props;
  const pace = new Pace(rate);
  const groups = recordGroups(archivedRecords({ archive, span, after, onUnreadable }), signal);
  let counts = NO_COUNTS;
  let place = after;
  let isUnbroken = true;
  for await (const dealt of pMapIterable(groups, (group) => deal(group, props, pace), { concurrency: LANES })) {
    counts = plus(counts, dealt.counts);
    if (isUnbroken) place = dealt.place ?? place;
    isUnbroken &&= dealt.whole;
    yield { counts, place, failures: dealt.failures };
  }
}

async function deal(group: readonly ArchivedRecord[], props: ReplayProps, pace: Pace): Promise<Dealt> {
  const { dryRun, signal, sender } = props;
  const dealt: Dealt = { counts: { ...NO_COUNTS }, failures: [], whole: true };
  const toSend = await choose(group, props, dealt);
  for (let start = 0; start < group.length; start += MAX_ENTRIES) {
    const records = group.slice(start, start + MAX_ENTRIES);
    const chosen = records.filter((record) => toSend.has(record));
    if (chosen.length > 0 && !dryRun) {
      await pace.wait(chosen.length, signal);
      if (signal?.aborted) return { ...dealt, whole: false };
      await send(chosen, sender, dealt);
    } else dealt.counts.sent += chosen.length;
    dealt.place = (records.at(-1) as ArchivedRecord).place;
  }
  return dealt;
}

/** Those to be sent; counts the others. */
async function choose(
  group: readonly ArchivedRecord[],
  { type, filter, eventTtlDays, unlessStored, twoTexts, includeRefused }: ReplayProps,
  { counts, failures }: Dealt,
): Promise<Set<ArchivedRecord>> {
  const meant = new Map<ArchivedRecord, Expected<ItemKey>>();
  for (const record of group) {
    const expected = expectedKeyOf(record.envelope, eventTtlDays);
    const { item } = expected;
    if (type !== undefined && item?.event_type !== type) counts.otherType += 1;
    else if (filter && !filter(record.body)) counts.filtered += 1;
    else if (!item && !includeRefused) counts.refused += 1;
    else if (item && isExpired(item)) counts.expired += 1;
    else meant.set(record, expected);
  }
  if (unlessStored) {
    const stored = await unlessStored.get([...meant.values()].flatMap(({ item }) => item ?? []));
    for (const [record, { item }] of meant) {
      if (item && stored.has(keyText(item)) && meant.delete(record)) counts.stored += 1;
    }
  }
  // What the table lacks replaces nothing.
  const replacing = unlessStored ? new Set() : await twoTexts.stored([...meant.values()]);
  for (const [record, expected] of meant) {
    const { place, envelope } = record;
    if (!replacing.has(envelope) && !twoTexts.wasSent(expected)) continue;
    meant.delete(record);
    counts.twoTexts += 1;
    failures.push({ place, messageId: envelope.messageId, reason: TWO_TEXTS });
  }
  return new Set(meant.keys());
}

async function send(records: readonly ArchivedRecord[], sender: QueueSender, dealt: Dealt): Promise<void> {
  const recordByMessage = new Map<Outgoing, ArchivedRecord>(
    // SNS delivers characters that SendMessage refuses; in JSON their escape means the same.
    records.map((record) => [{ body: escapeRefused(record.body) }, record]),
  );
  const { idByTaken, errorByRefused, errorByUnsent } = await sender.send([...recordByMessage.keys()]);
  const [[, reason] = []] = errorByUnsent;
  if (reason) {
    throw new OperationError(`The queue takes no more at present (${reason.message}). Go on later, with --resume.`, {
      cause: reason,
    });
  }
  dealt.counts.sent += idByTaken.size;
  dealt.counts.failed += errorByRefused.size;
  for (const [message, error] of errorByRefused) {
    const { place, envelope } = recordByMessage.get(message) as ArchivedRecord;
    dealt.failures.push({ place, messageId: envelope.messageId, reason: error.message });
  }
}

/** The sum of both, each by its name. */
export function plus(one: ReplayCounts = NO_COUNTS, other: ReplayCounts): ReplayCounts {
  const sum = { ...one };
  for (const name of Object.keys(sum) as (keyof ReplayCounts)[]) sum[name] += other[name];
  return sum;
}
