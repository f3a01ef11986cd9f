import type { EventRow, StreamUpdate } from "../api";
import { hasStatus, type ListFilter, matcher, NO_FILTER, STATUSES } from "./list-filter";

/** The events that arrived while the page was open, and that the list does not have. */
export interface MissingEvents {
  readonly count: number;
  /** False if not all of them may match the filter. */
  readonly isExact: boolean;
}

/** Keeps the newest events, up to a limit, and filters them. */
export class EventBuffer {
  /** Number of received events whose row has only the beginning of the text. */
  truncated = 0;
  private readonly bySeq = new Map<number, EventRow>();
  private currentFilter = NO_FILTER;
  private isMatch = matcher(NO_FILTER, new Set());
  /** Cached result of `matching`; undefined after a change. */
  private matches: readonly EventRow[] | undefined;
  private newestSeq = 0;
  /** Sequence number of the newest event when the list was paused; undefined if it is not paused. */
  private pausedAtSeq: number | undefined;
  /** Sequence number of the oldest event that the server had when it first updated the page. */
  private firstSeq: number | undefined;
  /** Number of events since `firstSeq` that the buffer does not have, as of the latest complete update. */
  private missingCount = 0;
  /** Number of rows that were discarded because of the limit, by the status filter that they match. */
  private readonly discarded = new Map<string, number>();
  /** Rows that are older than a discarded row are not kept either. */
  private newestDiscarded = 0;

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

  /** Events that the filtered list lacks. Events from before the page was opened do not count. */
  get missing(): MissingEvents {
    const { status, ...others } = this.currentFilter;
    const neverReceived = this.missingCount - (this.discarded.get("") ?? 0);
    const isExact = Object.values(others).every((text) => text === "") && (status === "" || neverReceived === 0);
    return { count: neverReceived + (this.discarded.get(status) ?? 0), isExact };
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

  /** Returns the rows with these message IDs. */
  find(messageIds: { has(messageId: string): boolean }): EventRow[] {
    return [...this.bySeq.values()].filter(({ messageId }) => messageIds.has(messageId));
  }

  apply({ rows, newestSeq, more }: StreamUpdate): void {
    this.firstSeq ??= Math.max(1, newestSeq - this.limit + 1);
    for (const row of rows) {
      if (row.seq <= this.newestDiscarded && !this.bySeq.has(row.seq)) continue;
      if (row.isCut && !this.bySeq.has(row.seq)) this.truncated += 1;
      this.bySeq.set(row.seq, row);
      this.newestSeq = Math.max(this.newestSeq, row.seq);
    }
    if (rows.length > 0) this.evict();
    // During a transfer of several updates, events are not missing but still on their way.
    if (!more) this.missingCount = newestSeq - this.firstSeq + 1 - this.bySeq.size;
  }

  filter(filter: ListFilter, found: ReadonlySet<string>): void {
    this.currentFilter = filter;
    this.isMatch = matcher(filter, found);
    this.matches = undefined;
  }

  /** Pauses the list: new events are counted but not shown. */
  pause(): void {
    this.pausedAtSeq ??= this.newestSeq;
  }

  resume(): void {
    this.pausedAtSeq = undefined;
    this.missingCount += this.evict();
  }

  /** Discards all events and sets a new limit, because the server restarted. */
  clear(limit: number): void {
    this.limit = limit;
    this.bySeq.clear();
    this.newestSeq = 0;
    this.pausedAtSeq = undefined;
    this.firstSeq = undefined;
    this.missingCount = 0;
    this.discarded.clear();
    this.newestDiscarded = 0;
    this.matches = undefined;
  }

  /** Discards the oldest rows above the limit, and returns their number. */
  private evict(): number {
    this.matches = undefined;
    if (this.bySeq.size <= this.limit) return 0;
    const { pausedAtSeq = 0 } = this;
    const seqs = [...this.bySeq.keys()].filter((seq) => seq > pausedAtSeq).sort((one, other) => one - other);
    const surplus = seqs.slice(0, Math.max(0, seqs.length - this.limit));
    for (const seq of surplus) {
      const row = this.bySeq.get(seq) as EventRow;
      for (const status of ["", ...Object.keys(STATUSES)]) {
        if (hasStatus(row, status)) this.discarded.set(status, (this.discarded.get(status) ?? 0) + 1);
      }
      this.bySeq.delete(seq);
      this.newestDiscarded = Math.max(this.newestDiscarded, seq);
    }
    return surplus.length;
  }
}
