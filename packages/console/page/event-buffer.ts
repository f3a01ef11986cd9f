import type { EventRow, StreamUpdate } from "../api";
import { type ListFilter, matcher, NO_FILTER } from "./list-filter";

interface BufferedRow {
  row: EventRow;
  isMatch: boolean;
}

/** Keeps the newest events in bounded memory, and applies the filter to them. */
export class EventBuffer {
  /** Sorted by sequence number. */
  private kept: BufferedRow[] = [];
  private readonly bySeq = new Map<number, BufferedRow>();
  private readonly countByType = new Map<string, number>();
  private isMatch = matcher(NO_FILTER, new Set());
  private shownCache: EventRow[] | undefined;
  /** Sequence number of the newest shown event while the list is held. */
  private heldAt: number | undefined;
  private droppedCount = 0;
  /** Number of rows received with a truncated text. */
  private truncatedCount = 0;

  /** @param limit - Maximum number of events. While the list is held, newer events have the same limit of their own. */
  constructor(private limit: number) {}

  /** Number of events that the server dropped before this page received them. */
  get dropped(): number {
    return this.droppedCount;
  }

  get size(): number {
    return this.kept.length;
  }

  get isHeld(): boolean {
    return this.heldAt !== undefined;
  }

  /** Number of events received whose row has only the beginning of the text. */
  get truncated(): number {
    return this.truncatedCount;
  }

  /** Matching events, newest first. */
  get shown(): readonly EventRow[] {
    this.shownCache ??= this.kept
      .filter(({ row, isMatch }) => isMatch && (this.heldAt === undefined || row.seq <= this.heldAt))
      .map(({ row }) => row)
      .reverse();
    return this.shownCache;
  }

  /** Number of matching events that arrived since the list is held. */
  get waiting(): number {
    const { heldAt } = this;
    return heldAt === undefined ? 0 : this.kept.filter(({ row, isMatch }) => isMatch && row.seq > heldAt).length;
  }

  /** Returns the event types, the most frequent first. */
  types(limit: number): string[] {
    return [...this.countByType]
      .sort(([, one], [, other]) => other - one)
      .slice(0, limit)
      .map(([type]) => type);
  }

  row(messageId: string | undefined): EventRow | undefined {
    return messageId === undefined ? undefined : this.kept.find(({ row }) => row.messageId === messageId)?.row;
  }

  apply({ rows, dropped }: StreamUpdate): void {
    this.droppedCount += dropped;
    for (const row of rows) this.put(row);
    if (rows.length === 0) return;
    this.evict();
    this.shownCache = undefined;
  }

  filter(filter: ListFilter, found: ReadonlySet<string>): void {
    this.isMatch = matcher(filter, found);
    for (const kept of this.kept) kept.isMatch = this.isMatch(kept.row);
    this.shownCache = undefined;
  }

  /** Freezes the list; new events are only counted. */
  hold(): void {
    this.heldAt ??= this.kept.at(-1)?.row.seq ?? 0;
  }

  release(): void {
    this.heldAt = undefined;
    this.evict();
    this.shownCache = undefined;
  }

  /** Discards everything after a restart of the server. */
  clear(limit: number): void {
    this.limit = limit;
    this.kept = [];
    this.bySeq.clear();
    this.countByType.clear();
    this.heldAt = undefined;
    this.droppedCount = 0;
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
      // Usually the newest; an event that changed late arrives after younger ones.
      let at = this.kept.length;
      while (at > 0 && (this.kept[at - 1] as BufferedRow).row.seq > row.seq) at -= 1;
      if (at === this.kept.length) this.kept.push(kept);
      else this.kept.splice(at, 0, kept);
      if (row.isCut) this.truncatedCount += 1;
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
