import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import type { ConsumerNames } from "@event-pipeline/event-model/resource-names";
import type { EventDetail, EventRow } from "../api";
import { Entry, type PublishedMessage } from "./entry";

/** Events that are kept, the newest. */
export const MAX_EVENTS = 10_000;
/** Bytes of the texts that are kept; the oldest events lose theirs first. */
const MAX_BODY_BYTES = 32 * 1_024 * 1_024;
/** Characters of the rows of one message of a stream, roughly. */
const CHUNK_CHARACTERS = 256 * 1_024;
const CHUNK_ROWS = 1_000;

/** Rows that have changed behind a revision. */
export interface Changes {
  readonly rows: readonly EventRow[];
  /** Of the last of them. */
  readonly revision: number;
  /** How many of them had not been there at that revision. */
  readonly fresh: number;
  /** Whether there are more. */
  readonly more: boolean;
}

/** The newest events of a pipeline with their hops, and counts of all. Its memory is bounded, whatever arrives. */
export class EventLog {
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
  private readonly entries = new Map<string, Entry>();
  private lastChanged: Entry | undefined;
  private lastRevision = 0;
  private lastSeq = 0;
  private bodyBytes = 0;
  /** Of the events whose text may still be kept, the oldest first. */
  private readonly withBody = new Set<Entry>();

  /** @param consumer - The consumer that stores events: a row shows how it fares there. */
  constructor(private readonly consumer: ConsumerNames) {}

  /** Of the latest change. */
  get revision(): number {
    return this.lastRevision;
  }

  /** Of the newest event. */
  get seq(): number {
    return this.lastSeq;
  }

  /** Events that were there and are no longer kept. */
  get forgotten(): number {
    return this.lastSeq - this.entries.size;
  }

  published(message: PublishedMessage, at: number): void {
    const entry = this.entryOf(message.messageId, at);
    this.bodyBytes -= entry.keptBytes;
    entry.publish(message);
    this.bodyBytes += entry.keptBytes;
    this.withBody.add(entry);
    for (const oldest of this.withBody) {
      if (this.bodyBytes <= MAX_BODY_BYTES) break;
      this.forgetBody(oldest);
    }
    this.changed(entry);
  }

  hop(hop: Hop): void {
    const entry = this.entryOf(hop.messageId, hop.at - (hop.sincePublishedMs ?? 0));
    const isOwn = this.isOwn(hop);
    if (isOwn) this.counts[hop.kind] += 1;
    entry.hop(hop, isOwn);
    this.changed(entry);
  }

  /** What has changed behind a revision, the longest ago first, as much as fits a message. */
  changesSince(revision: number): Changes {
    let first: Entry | undefined;
    for (let entry = this.lastChanged; entry && entry.revision > revision; entry = entry.previous) first = entry;
    const rows: EventRow[] = [];
    let last = revision;
    let fresh = 0;
    let entry = first;
    for (let characters = 0; entry && characters < CHUNK_CHARACTERS && rows.length < CHUNK_ROWS; entry = entry.next) {
      const row = entry.view();
      rows.push(row);
      characters += row.text.length + row.eventId.length + row.type.length + 300;
      if (entry.firstRevision > revision) fresh += 1;
      last = entry.revision;
    }
    return { rows, revision: entry ? last : this.lastRevision, fresh, more: entry !== undefined };
  }

  detail(messageId: string): EventDetail | undefined {
    const entry = this.entries.get(messageId);
    if (!entry) return undefined;
    const { body, attributes, hops, earlierHops } = entry;
    return { row: entry.view(), ...(body !== undefined && { body }), attributes, hops, earlierHops };
  }

  /** MessageIds of events whose text, beyond what a row has of it, contains the words, whatever their case. */
  search(text: string): string[] {
    const words = text.toLowerCase();
    return [...this.withBody]
      .filter((entry) => entry.view().isCut && entry.body?.toLowerCase().includes(words))
      .map(({ messageId }) => messageId);
  }

  private entryOf(messageId: string, at: number): Entry {
    const known = this.entries.get(messageId);
    if (known) return known;
    this.lastSeq += 1;
    const entry = new Entry(this.lastSeq, messageId, at);
    this.entries.set(messageId, entry);
    const [oldest] = this.entries.values();
    if (this.entries.size > MAX_EVENTS && oldest) this.forget(oldest);
    return entry;
  }

  private forget(entry: Entry): void {
    this.entries.delete(entry.messageId);
    this.forgetBody(entry);
    this.unlink(entry);
  }

  private forgetBody(entry: Entry): void {
    this.bodyBytes -= entry.keptBytes;
    entry.forgetBody();
    this.withBody.delete(entry);
  }

  /** Puts it behind all others. */
  private changed(entry: Entry): void {
    this.lastRevision += 1;
    entry.revision = this.lastRevision;
    entry.firstRevision ||= this.lastRevision;
    if (this.lastChanged === entry) return;
    this.unlink(entry);
    entry.previous = this.lastChanged;
    if (this.lastChanged) this.lastChanged.next = entry;
    this.lastChanged = entry;
  }

  private unlink(entry: Entry): void {
    if (entry.previous) entry.previous.next = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    if (this.lastChanged === entry) this.lastChanged = entry.previous;
    entry.previous = undefined;
    entry.next = undefined;
  }

  /** Whether a hop is one of the consumer that stores events, or of nobody's. One that names nobody is its own. */
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
