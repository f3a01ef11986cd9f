import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import type { ConsumerNames } from "@event-pipeline/event-model/resource-names";
import type { EventDetail, EventRow, HopCounts, TracedHop } from "../api";
import { isOwn, partOf } from "./hop-part";
import { LoggedEvent, type LoggedMessage } from "./logged-event";

/** Maximum number of events. The oldest events are discarded first. */
export const MAX_EVENTS = 10_000;
/** Maximum size of all messages in bytes. The oldest messages are discarded first. */
const MAX_MESSAGE_BYTES = 32 * 1_024 * 1_024;
/** Approximate maximum size of the rows in one stream message, in characters. */
const CHUNK_CHARACTERS = 256 * 1_024;
const CHUNK_ROWS = 1_000;

const NO_HOPS: HopCounts = {
  published: 0,
  filtered: 0,
  queued: 0,
  processed: 0,
  stored: 0,
  failed: 0,
  "dead-lettered": 0,
  purged: 0,
  archived: 0,
};

/** The rows that changed since a revision. */
export interface Changes {
  readonly rows: readonly EventRow[];
  /** Revision of the last row. */
  readonly revision: number;
  /** True if more rows changed. */
  readonly more: boolean;
}

/**
 * Keeps a pipeline's newest events with their hops in limited memory, and counts all hops.
 *
 * @example
 * const log = new EventLog({ queueName, deadLetterQueueName, functionName });
 * log.published({ messageId, body, type, attributes }, Date.now());
 * log.hop({ kind: "stored", messageId, eventId, at: Date.now(), detail: {} });
 */
export class EventLog {
  /** Revision of the latest change. */
  revision = 0;
  /** Sequence number of the newest event. */
  seq = 0;
  readonly counts: Record<HopKind, number> = { ...NO_HOPS };
  /** Numbers of hops of other subscribers, by the subscriber's name. */
  readonly subscribers: Record<string, Record<HopKind, number>> = {};
  private readonly entries = new Map<string, LoggedEvent>();
  /** Events in the order of their latest change. */
  private readonly byChange = new Set<LoggedEvent>();
  /** Time at which the newest discarded event was published, in epoch milliseconds. */
  private newestDiscardedAt = Number.NEGATIVE_INFINITY;
  private messageBytes = 0;
  /** Events whose message is kept, oldest first. */
  private readonly withMessage = new Set<LoggedEvent>();

  /** @param consumer - The consumer that stores events, whose progress the rows show. */
  constructor(private readonly consumer: ConsumerNames) {}

  published(message: LoggedMessage, at: number): void {
    const entry = this.entryOf(message.messageId, at);
    this.messageBytes -= entry.keptBytes;
    entry.publish(message);
    this.messageBytes += entry.keptBytes;
    this.withMessage.add(entry);
    const oldestFirst = this.withMessage.values();
    while (this.messageBytes > MAX_MESSAGE_BYTES) this.forgetMessage(oldestFirst.next().value as LoggedEvent);
    this.changed(entry);
  }

  hop(hop: Hop): void {
    const traced = { ...hop, part: partOf(hop, this.consumer) };
    this.countsOf(traced)[hop.kind] += 1;
    const publishedAt = hop.at - (hop.sincePublishedMs ?? 0);
    // A discarded event does not come back with its later hops, without its text and in the place of a newer event.
    if (hop.kind !== "published" && publishedAt <= this.newestDiscardedAt && !this.entries.has(hop.messageId)) return;
    const entry = this.entryOf(hop.messageId, publishedAt);
    entry.hop(traced);
    this.changed(entry);
  }

  /** Returns rows that changed since a revision, oldest change first, as many as fit into one stream message. */
  changesSince(revision: number): Changes {
    const rows: EventRow[] = [];
    let last = revision;
    let characters = 0;
    for (const entry of this.byChange) {
      if (entry.revision <= revision) continue;
      if (characters >= CHUNK_CHARACTERS || rows.length >= CHUNK_ROWS) return { rows, revision: last, more: true };
      const row = entry.row;
      rows.push(row);
      characters += row.text.length + row.eventId.length + row.type.length + 300;
      last = entry.revision;
    }
    return { rows, revision: this.revision, more: false };
  }

  detail(messageId: string): EventDetail | undefined {
    const entry = this.entries.get(messageId);
    if (!entry) return undefined;
    const { row, message, hops, discardedHops } = entry;
    const { body, subject, mappedBy, attributes = {} } = message ?? {};
    return { row, body, subject, mappedBy, attributes, notes: [], hops, discardedHops };
  }

  /** Returns the message IDs of events that contain the text, ignoring case. Searches what rows do not have. */
  search(text: string): string[] {
    const wanted = text.toLowerCase();
    return [...this.withMessage]
      .filter((entry) => entry.row.isCut && entry.includes(wanted))
      .map(({ messageId }) => messageId);
  }

  private entryOf(messageId: string, at: number): LoggedEvent {
    const known = this.entries.get(messageId);
    if (known) return known;
    this.seq += 1;
    const entry = new LoggedEvent(this.seq, messageId, at);
    this.entries.set(messageId, entry);
    const [oldest] = this.entries.values();
    if (this.entries.size > MAX_EVENTS && oldest) {
      this.entries.delete(oldest.messageId);
      this.newestDiscardedAt = Math.max(this.newestDiscardedAt, oldest.row.at);
      this.byChange.delete(oldest);
      this.forgetMessage(oldest);
    }
    return entry;
  }

  private forgetMessage(entry: LoggedEvent): void {
    this.messageBytes -= entry.keptBytes;
    entry.forgetMessage();
    this.withMessage.delete(entry);
  }

  private changed(entry: LoggedEvent): void {
    this.revision += 1;
    entry.revision = this.revision;
    this.byChange.delete(entry);
    this.byChange.add(entry);
  }

  private countsOf(hop: TracedHop): Record<HopKind, number> {
    if (isOwn(hop)) return this.counts;
    this.subscribers[hop.part] ??= { ...NO_HOPS };
    return this.subscribers[hop.part] as Record<HopKind, number>;
  }
}
