import type { EventRow, StreamUpdate } from "../api";
import { type ListFilter, matcher, NO_FILTER } from "./list-filter";

/** Keeps the newest events in bounded memory, and applies the filter to them. */
export class EventBuffer {
  /** Number of events that the server dropped before this page received them. */
  dropped = 0;
  /** Number of events received whose row has only the beginning of the text. */
  truncated = 0;
  private readonly bySeq = new Map<number, EventRow>();
  private isMatch = matcher(NO_FILTER, new Set());
  /** The result of `matching`; undefined after a change. */
  private matches: readonly EventRow[] | undefined;
  private newestSeq = 0;
  /** Sequence number of the newest event at the time at which the list was held. */
  private heldAt: number | undefined;

  /** @param limit - Maximum number of events. While the list is held, newer events have the same limit of their own. */
  constructor(private limit: number) {}

  get size(): number {
    return this.bySeq.size;
  }

  get isHeld(): boolean {
    return this.heldAt !== undefined;
  }

  /** Matching events, newest first, without those that `waiting` counts. */
  get shown(): readonly EventRow[] {
    return this.matching.slice(this.waiting);
  }

  /** Number of matching events that arrived since the list is held. */
  get waiting(): number {
    const { heldAt = Number.POSITIVE_INFINITY } = this;
    const first = this.matching.findIndex(({ seq }) => seq <= heldAt);
    return first < 0 ? this.matching.length : first;
  }

  private get matching(): readonly EventRow[] {
    this.matches ??= [...this.bySeq.values()].filter(this.isMatch).sort((one, other) => other.seq - one.seq);
    return this.matches;
  }

  /** Returns the event types, the most frequent first. */
  types(limit: number): string[] {
    const counts = new Map<string, number>();
    for (const { type } of this.bySeq.values()) if (type !== "") counts.set(type, (counts.get(type) ?? 0) + 1);
    return [...counts]
      .sort(([, one], [, other]) => other - one)
      .slice(0, limit)
      .map(([type]) => type);
  }

  row(messageId: string): EventRow | undefined {
    return [...this.bySeq.values()].find((row) => row.messageId === messageId);
  }

  apply({ rows, dropped }: StreamUpdate): void {
    this.dropped += dropped;
    if (rows.length === 0) return;
    for (const row of rows) {
      if (row.isCut && !this.bySeq.has(row.seq)) this.truncated += 1;
      this.bySeq.set(row.seq, row);
      this.newestSeq = Math.max(this.newestSeq, row.seq);
    }
    this.evict();
  }

  filter(filter: ListFilter, found: ReadonlySet<string>): void {
    this.isMatch = matcher(filter, found);
    this.matches = undefined;
  }

  /** Freezes the list; new events are only counted. */
  hold(): void {
    this.heldAt ??= this.newestSeq;
  }

  release(): void {
    this.heldAt = undefined;
    this.evict();
  }

  /** Discards everything after a restart of the server. */
  clear(limit: number): void {
    this.limit = limit;
    this.bySeq.clear();
    this.newestSeq = 0;
    this.heldAt = undefined;
    this.dropped = 0;
    this.matches = undefined;
  }

  private evict(): void {
    this.matches = undefined;
    if (this.bySeq.size <= this.limit) return;
    const { heldAt = 0 } = this;
    const seqs = [...this.bySeq.keys()].filter((seq) => seq > heldAt).sort((one, other) => one - other);
    for (const seq of seqs.slice(0, Math.max(0, seqs.length - this.limit))) this.bySeq.delete(seq);
  }
}
