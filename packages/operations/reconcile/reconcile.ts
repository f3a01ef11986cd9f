import type { EventKey, WireItem } from "@event-pipeline/event-model/item/attributes";
import type { EventItem } from "@event-pipeline/event-model/item/item";
import { pMapIterable } from "p-map";
import { type ArchivedRecord, archivedRecords, type Place, type ReadArchiveProps } from "../archive/archived-records";
import { recordGroups } from "../archive/record-groups";
import { type Expected, expectedKeyOf, expectedOf, type ItemKey, isExpired } from "../expected-item";
import type { Filter } from "../subscription-filter";
import { hasSameData } from "../table/compare-data";
import { keyText, MAX_KEYS, type StoredItems } from "../table/stored-items";
import { NO_TYPE, Tallies } from "./tally";

/** Requests at once. */
const LANES = 8;
/** Events that are kept to be looked for elsewhere; of what else is missing only the number is known. */
const MAX_KEPT = 50_000;

export interface ReconcileProps extends Pick<ReadArchiveProps, "archive" | "span" | "onUnreadable"> {
  /** The table, with `message_id`, and for `compareData` with `data` and `data_encoding`. */
  readonly items: StoredItems;
  /** Whether `data` is compared too. */
  readonly compareData: boolean;
  readonly filter: Filter | undefined;
  /** Days from receipt to expiry; 0 for never. */
  readonly eventTtlDays: number;
  /** Where events may be that the table lacks; asked once, when there are any. */
  readonly elsewhere: Elsewhere;
  readonly onProgress?: (tallies: Tallies) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Where else an event may be. */
export interface Elsewhere {
  /** MessageIds of SNS in the dead-letter queue, of those asked for, with their codes. */
  deadLettered(messageIds: ReadonlySet<string>): Promise<ReadonlyMap<string, string>>;
  /** Messages that wait in the queue, or are being processed. */
  waiting(): Promise<number>;
}

/** An archived event that is not as it should be. */
export interface Finding {
  /** `dead-lettered` has the code. */
  readonly what: "missing" | "different" | "dead-lettered" | "waiting";
  readonly code?: string;
  readonly key: EventKey;
  readonly messageId: string;
  readonly publishedAt: Date;
  readonly place: Place;
}

export interface Reconciled {
  readonly tallies: Tallies;
  /** At most 50,000 of those that the table lacks, and of those that differ. */
  readonly findings: readonly Finding[];
}

/** What became known of one group. */
interface Compared {
  readonly record: ArchivedRecord;
  readonly type: string;
  readonly end: "stored" | "folded" | "refused" | "filtered" | "expired" | "different" | "missing";
  readonly key?: EventKey;
}

/**
 * Looks for each archived event in the table, and for what is not there for a
 * reason. The memory that it takes does not grow with the number of events.
 */
export async function reconcile(props: ReconcileProps): Promise<Reconciled> {
  const { archive, span, onUnreadable, signal, onProgress } = props;
  const groups = recordGroups(archivedRecords({ archive, span, onUnreadable }), signal);
  const tallies = new Tallies();
  const findings: Finding[] = [];
  const absent: Finding[] = [];
  for await (const compared of pMapIterable(groups, (group) => compare(group, props), { concurrency: LANES })) {
    for (const { record, type, end, key } of compared) {
      const tally = tallies.of(type);
      tally.archived += 1;
      tally[end] += 1;
      if (!key || (end !== "missing" && end !== "different")) continue;
      const list = end === "missing" ? absent : findings;
      if (list.length < MAX_KEPT) list.push(findingOf(end, key, record));
    }
    onProgress?.(tallies);
  }
  if (!signal?.aborted) await explain(absent, props, tallies, findings);
  else findings.push(...absent);
  return { tallies, findings };
}

function findingOf(what: Finding["what"], key: EventKey, { envelope, place }: ArchivedRecord): Finding {
  const { messageId, timestamp: publishedAt } = envelope;
  // The key alone, for an item holds its data.
  const { event_type, timestamp_id } = key;
  return { what, key: { event_type, timestamp_id }, messageId, publishedAt, place };
}

async function compare(group: readonly ArchivedRecord[], props: ReconcileProps): Promise<Compared[]> {
  const make = props.compareData ? expectedOf : expectedKeyOf;
  const expected = group.map(({ envelope }) => make(envelope, props.eventTtlDays));
  const stored = await props.items.get(expected.flatMap(({ item }) => item ?? []));
  return group.map((record, index) => endOf(record, expected[index] as Expected<ItemKey>, stored, props));
}

function endOf(
  record: ArchivedRecord,
  { item, event, envelope }: Expected<ItemKey>,
  stored: ReadonlyMap<string, WireItem>,
  { compareData, filter }: ReconcileProps,
): Compared {
  if (!item) {
    return { record, type: NO_TYPE, end: filter && !filter(record.body) ? "filtered" : "refused" };
  }
  const type = item.event_type;
  const found = stored.get(keyText(item));
  if (found) {
    // With compareData, the items are complete.
    if (compareData && !hasSameData(found, item as EventItem, event?.text ?? ""))
      return { record, type, key: item, end: "different" };
    return { record, type, end: found.message_id?.S === envelope.messageId ? "stored" : "folded" };
  }
  if (filter && !filter(record.body)) return { record, type, end: "filtered" };
  if (isExpired(item)) return { record, type, end: "expired" };
  return { record, type, key: item, end: "missing" };
}

/** Looks for what the table lacks once more, then in the dead-letter queue; the queue itself tells but a number. */
async function explain(
  absent: readonly Finding[],
  { items, elsewhere }: ReconcileProps,
  tallies: Tallies,
  findings: Finding[],
): Promise<void> {
  if (absent.length === 0) return;
  // Before the table is asked again, so that what is stored in between is found there.
  let waiting = await elsewhere.waiting();
  let left: Finding[] = [];
  for (let start = 0; start < absent.length; start += MAX_KEYS) {
    const some = absent.slice(start, start + MAX_KEYS);
    const stored = await items.get(some.map(({ key }) => key));
    for (const finding of some) {
      // Stored while others were looked for.
      if (stored.has(keyText(finding.key))) move(tallies, finding, "stored");
      else left.push(finding);
    }
  }
  if (left.length > 0) left = await withoutDeadLettered(left, elsewhere, tallies, findings);
  // The latest are those that most likely wait.
  left.sort((one, other) => other.publishedAt.getTime() - one.publishedAt.getTime());
  for (const finding of left) {
    if (waiting > 0) {
      move(tallies, finding, "waiting");
      findings.push({ ...finding, what: "waiting" });
      waiting -= 1;
    } else findings.push(finding);
  }
}

async function withoutDeadLettered(
  absent: readonly Finding[],
  elsewhere: Elsewhere,
  tallies: Tallies,
  findings: Finding[],
): Promise<Finding[]> {
  const codes = await elsewhere.deadLettered(new Set(absent.map(({ messageId }) => messageId)));
  return absent.filter((finding) => {
    const code = codes.get(finding.messageId);
    if (code === undefined) return true;
    move(tallies, finding, "deadLettered");
    findings.push({ ...finding, what: "dead-lettered", code });
    return false;
  });
}

function move(tallies: Tallies, { key }: Finding, to: "stored" | "deadLettered" | "waiting"): void {
  const tally = tallies.of(key.event_type);
  tally.missing -= 1;
  tally[to] += 1;
}
