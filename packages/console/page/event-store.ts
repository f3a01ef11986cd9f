import type { Batch, EventRow } from "../api";
import { type Filter, matcher, NO_FILTER } from "./filter";

interface Kept {
  row: EventRow;
  isMatch: boolean;
}

/** The newest events that the page has been told of, and which of them are shown. Its memory is bounded. */
export class EventStore {
  /** By their place in the order of arrival. */
  private kept: Kept[] = [];
  private readonly bySeq = new Map<number, Kept>();
  private readonly countByType = new Map<string, number>();
  private isMatch = matcher(NO_FILTER, new Set());
  private shownCache: EventRow[] | undefined;
  /** While the list is held, the newest event that it shows. */
  private heldAt: number | undefined;
  private missedCount = 0;
  /** Cut texts that came since the server was last asked to search. */
  private cutCount = 0;

  /** @param limit - Events that are kept; while the list is held, as many newer ones beside it. */
  constructor(private limit: number) {}

  /** Events that came and went before the page could be told of them. */
  get missed(): number {
    return this.missedCount;
  }

  get size(): number {
    return this.kept.length;
  }

  get isHeld(): boolean {
    return this.heldAt !== undefined;
  }

  /** How many events with a text of which a row has the beginning only have come. */
  get cut(): number {
    return this.cutCount;
  }

  /** Newest first. */
  get shown(): readonly EventRow[] {
    this.shownCache ??= this.kept
      .filter(({ row, isMatch }) => isMatch && (this.heldAt === undefined || row.seq <= this.heldAt))
      .map(({ row }) => row)
      .reverse();
    return this.shownCache;
  }

  /** Matching events that came since the list is held. */
  get waiting(): number {
    const { heldAt } = this;
    return heldAt === undefined ? 0 : this.kept.filter(({ row, isMatch }) => isMatch && row.seq > heldAt).length;
  }

  /** Types that there are, the most frequent first. */
  types(limit: number): string[] {
    return [...this.countByType]
      .sort(([, one], [, other]) => other - one)
      .slice(0, limit)
      .map(([type]) => type);
  }

  row(messageId: string | undefined): EventRow | undefined {
    return messageId === undefined ? undefined : this.kept.find(({ row }) => row.messageId === messageId)?.row;
  }

  apply({ rows, dropped }: Batch): void {
    this.missedCount += dropped;
    for (const row of rows) this.put(row);
    if (rows.length === 0) return;
    this.evict();
    this.shownCache = undefined;
  }

  filter(filter: Filter, found: ReadonlySet<string>): void {
    this.isMatch = matcher(filter, found);
    for (const kept of this.kept) kept.isMatch = this.isMatch(kept.row);
    this.shownCache = undefined;
  }

  /** Keeps the list as it is; what comes is counted. */
  hold(): void {
    this.heldAt ??= this.kept.at(-1)?.row.seq ?? 0;
  }

  release(): void {
    this.heldAt = undefined;
    this.evict();
    this.shownCache = undefined;
  }

  /** For another start of the server: what it had is gone. */
  clear(limit: number): void {
    this.limit = limit;
    this.kept = [];
    this.bySeq.clear();
    this.countByType.clear();
    this.heldAt = undefined;
    this.missedCount = 0;
    this.shownCache = undefined;
  }

  private put(row: EventRow): void {
    const known = this.bySeq.get(row.seq);
    if (known) {
      this.countType(known.row.type, -1);
      known.row = row;
      known.isMatch = this.isMatch(row);
    } else {
      const kept = { row, isMatch: this.isMatch(row) };
      this.bySeq.set(row.seq, kept);
      // Nearly always the last; an event that changed late comes behind younger ones.
      let at = this.kept.length;
      while (at > 0 && (this.kept[at - 1] as Kept).row.seq > row.seq) at -= 1;
      if (at === this.kept.length) this.kept.push(kept);
      else this.kept.splice(at, 0, kept);
      if (row.isCut) this.cutCount += 1;
    }
    this.countType(row.type, 1);
  }

  private countType(type: string, by: number): void {
    if (type === "") return;
    const count = (this.countByType.get(type) ?? 0) + by;
    if (count > 0) this.countByType.set(type, count);
    else this.countByType.delete(type);
  }

  private evict(): void {
    const held =
      this.heldAt === undefined ? 0 : this.kept.findLastIndex(({ row }) => row.seq <= (this.heldAt ?? 0)) + 1;
    const surplus = this.kept.length - held - this.limit;
    if (surplus <= 0) return;
    for (const { row } of this.kept.splice(held, surplus)) {
      this.bySeq.delete(row.seq);
      this.countType(row.type, -1);
    }
  }
}
