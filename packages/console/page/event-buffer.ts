import type { EventRow, StreamUpdate } from "../api";
import { type ListFilter, matcher, NO_FILTER } from "./list-filter";

/** Keeps the newest events, up to a limit, and filters them. */
export class EventBuffer {
  /** Number of events that the server dropped before this page received them. */
  dropped = 0;
  /** Number of received events whose row has only the beginning of the text. */
  truncated = 0;
  private readonly bySeq = new Map<number, EventRow>();
  private isMatch = matcher(NO_FILTER, new Set());
  /** Cached result of `matching`; undefined after a change. */
  private matches: readonly EventRow[] | undefined;
  private newestSeq = 0;
  /** Sequence number of the newest event when the list was paused; undefined if it is not paused. */
  private pausedAtSeq: number | undefined;

  /** @param limit - Maximum number of events. While the list is paused, the limit applies only to newer events. */
  constructor(private limit: number) {}

  get size(): number {
    return this.bySeq.size;
  }

  get isPaused(): boolean {
    return this.pausedAtSeq !== undefined;
  }

  /** Matching events, newest first. While the list is paused, without the events that arrived since. */
  get shown(): readonly EventRow[] {
    return this.matching.slice(this.newCount);
  }

  /** Number of matching events that arrived since the list was paused. */
  get newCount(): number {
    const { pausedAtSeq = Number.POSITIVE_INFINITY } = this;
    const first = this.matching.findIndex(({ seq }) => seq <= pausedAtSeq);
    return first < 0 ? this.matching.length : first;
  }

  private get matching(): readonly EventRow[] {
    this.matches ??= [...this.bySeq.values()].filter(this.isMatch).sort((one, other) => other.seq - one.seq);
    return this.matches;
  }

  /** Returns at most `limit` event types, the most frequent first. */
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

  /** Pauses the list: new events are counted but not shown. */
  pause(): void {
    this.pausedAtSeq ??= this.newestSeq;
  }

  resume(): void {
    this.pausedAtSeq = undefined;
    this.evict();
  }

  /** Discards all events and sets a new limit, because the server restarted. */
  clear(limit: number): void {
    this.limit = limit;
    this.bySeq.clear();
    this.newestSeq = 0;
    this.pausedAtSeq = undefined;
    this.dropped = 0;
    this.matches = undefined;
  }

  private evict(): void {
    this.matches = undefined;
    if (this.bySeq.size <= this.limit) return;
    const { pausedAtSeq = 0 } = this;
    const seqs = [...this.bySeq.keys()].filter((seq) => seq > pausedAtSeq).sort((one, other) => one - other);
    for (const seq of seqs.slice(0, Math.max(0, seqs.length - this.limit))) this.bySeq.delete(seq);
  }
}
