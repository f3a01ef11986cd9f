import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import type { ConsumerNames } from "@event-pipeline/event-model/resource-names";
import type { EventDetail, EventRow } from "../api";
import { LoggedEvent, type LoggedMessage } from "./logged-event";

/** Maximum number of events. The oldest events are discarded first. */
export const MAX_EVENTS = 10_000;
/** Maximum size of all texts in bytes. The oldest texts are discarded first. */
const MAX_BODY_BYTES = 32 * 1_024 * 1_024;
/** Approximate maximum size of the rows in one stream message, in characters. */
const CHUNK_CHARACTERS = 256 * 1_024;
const CHUNK_ROWS = 1_000;

/** The rows that changed since a revision. */
export interface Changes {
  readonly rows: readonly EventRow[];
  /** Revision of the last row. */
  readonly revision: number;
  /** Number of rows whose event is new since the given revision. */
  readonly fresh: number;
  /** True if more rows changed. */
  readonly more: boolean;
}

/**
 * Keeps a pipeline's newest events with their hops in limited memory, and counts all hops.
 *
 * @example
 * const log = new EventLog({ queueName, deadLetterQueueName, functionName });
 * log.published({ messageId, body, attributes }, Date.now());
 * log.hop({ kind: "stored", messageId, eventId, at: Date.now(), detail: {} });
 */
export class EventLog {
  /** Revision of the latest change. */
  revision = 0;
  /** Sequence number of the newest event. */
  seq = 0;
  readonly counts: Record<HopKind, number> = {
    published: 0,
    filtered: 0,
    queued: 0,
    processed: 0,
    stored: 0,
    failed: 0,
    "dead-lettered": 0,
    archived: 0,
  };
  private readonly entries = new Map<string, LoggedEvent>();
  /** Events in the order of their latest change. */
  private readonly byChange = new Set<LoggedEvent>();
  private bodyBytes = 0;
  /** Events whose text is kept, oldest first. */
  private readonly withBody = new Set<LoggedEvent>();

  /** @param consumer - The consumer that stores events, whose progress the rows show. */
  constructor(private readonly consumer: ConsumerNames) {}

  /** Number of events that the log discarded. */
  get discarded(): number {
    return this.seq - this.entries.size;
  }

  published(message: LoggedMessage, at: number): void {
    const entry = this.entryOf(message.messageId, at);
    this.bodyBytes -= entry.keptBytes;
    entry.publish(message);
    this.bodyBytes += entry.keptBytes;
    this.withBody.add(entry);
    const oldestFirst = this.withBody.values();
    while (this.bodyBytes > MAX_BODY_BYTES) this.forgetBody(oldestFirst.next().value as LoggedEvent);
    this.changed(entry);
  }

  hop(hop: Hop): void {
    const entry = this.entryOf(hop.messageId, hop.at - (hop.sincePublishedMs ?? 0));
    const isOwn = this.isOwn(hop);
    if (isOwn) this.counts[hop.kind] += 1;
    entry.hop(hop, isOwn);
    this.changed(entry);
  }

  /** Returns rows that changed since a revision, oldest change first, as many as fit into one stream message. */
  changesSince(revision: number): Changes {
    const rows: EventRow[] = [];
    let last = revision;
    let fresh = 0;
    let characters = 0;
    for (const entry of this.byChange) {
      if (entry.revision <= revision) continue;
      if (characters >= CHUNK_CHARACTERS || rows.length >= CHUNK_ROWS)
        return { rows, revision: last, fresh, more: true };
      const row = entry.view();
      rows.push(row);
      characters += row.text.length + row.eventId.length + row.type.length + 300;
      if (entry.firstRevision > revision) fresh += 1;
      last = entry.revision;
    }
    return { rows, revision: this.revision, fresh, more: false };
  }

  detail(messageId: string): EventDetail | undefined {
    const entry = this.entries.get(messageId);
    if (!entry) return undefined;
    const { body, attributes, hops, discardedHops } = entry;
    return { row: entry.view(), ...(body !== undefined && { body }), attributes, hops, discardedHops };
  }

  /** Returns the message IDs of events that contain the text, ignoring case. Searches only texts that rows cut off. */
  search(text: string): string[] {
    const wanted = text.toLowerCase();
    return [...this.withBody]
      .filter((entry) => entry.view().isCut && entry.body?.toLowerCase().includes(wanted))
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
      this.byChange.delete(oldest);
      this.forgetBody(oldest);
    }
    return entry;
  }

  private forgetBody(entry: LoggedEvent): void {
    this.bodyBytes -= entry.keptBytes;
    entry.forgetBody();
    this.withBody.delete(entry);
  }

  private changed(entry: LoggedEvent): void {
    this.revision += 1;
    entry.revision = this.revision;
    entry.firstRevision ||= this.revision;
    this.byChange.delete(entry);
    this.byChange.add(entry);
  }

  /** Returns whether the hop belongs to the consumer that stores events, or to no consumer. */
  private isOwn({ kind, detail }: Hop): boolean {
    const { queueName, functionName, deadLetterQueueName } = this.consumer;
    switch (kind) {
      case "queued":
        return detail.queue === queueName;
      case "filtered":
        return detail.stream !== undefined || detail.queue === queueName;
      case "processed":
      case "failed":
        return detail.function === undefined || detail.function === functionName;
      case "dead-lettered":
        return detail.queue === undefined || detail.queue === deadLetterQueueName;
      default:
        return true;
    }
  }
}
