import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DATA_ATTRIBUTES } from "@event-pipeline/event-model/item/attributes";
import { type EndedRecord, LOG_LINES } from "@event-pipeline/event-model/log-lines";
import { isThrottled } from "../aws-errors";
import { pause } from "../pause";
import type { Pipeline } from "../pipeline";
import { keyText, MAX_KEYS, StoredItems } from "../table/stored-items";
import { hasMembers, type MemberFilter } from "./event-filter";
import { type HandlerLine, handlerLines, recordsOf } from "./handler-log";
import { storedEvent } from "./stored-event";

/** An event as it landed: what the handler made of it in one receive. */
export interface LandedEvent extends EndedRecord {
  /** When the batch ended. */
  readonly at: Date;
  /** Milliseconds since SNS took it; undefined where the handler could not tell. */
  readonly latencyMs: number | undefined;
  /** The event as JSON; there with a filter only. */
  readonly data?: string;
}

/** What the follower ought to know about what they see. */
export type TailNote =
  | { readonly kind: "throttled"; readonly nextPollMs: number }
  /** Lines that CloudWatch had so late that they come out of turn. */
  | { readonly kind: "late"; readonly lines: number }
  /** Batches whose records are not logged: LOG_RECORDS is false, or an older handler is deployed. */
  | { readonly kind: "unnamed"; readonly batches: number }
  /** What is shown now landed so long ago. */
  | { readonly kind: "behind"; readonly seconds: number };

export interface TailEventsProps {
  /** @default - every type */
  readonly type?: string | undefined;
  /** @default - every event; an event that is not stored has no members to look at */
  readonly filter?: MemberFilter | undefined;
  /** Events that landed from then on. */
  readonly since: Date;
  readonly onNote: (note: TailNote) => void;
  readonly signal: AbortSignal;
}

const POLL_MS = 1_000;
const MAX_POLL_MS = 30_000;
/** CloudWatch has most lines within this time of being written. */
const OVERLAP_MS = 10_000;
/** How often it is asked once more for what came in later than that, and how late that may be. */
const SWEEP_EVERY_MS = 30_000;
const SWEEP_MS = 120_000;
/** After which a line is read no second time. */
const FORGET_MS = SWEEP_MS + OVERLAP_MS;
const BEHIND_SECONDS = 15;

/**
 * Follows events as the event processor brings them to their ends, whatever
 * time they bear, until the signal aborts. It reads the handler's log, where
 * every record of every batch stands; it samples nothing, and takes the next
 * page when the one before has been taken: a slow reader falls behind, and is
 * told so.
 */
export async function* tailEvents(
  pipeline: Pipeline,
  { type, filter, since, onNote, signal }: TailEventsProps,
): AsyncGenerator<LandedEvent, void, void> {
  const seen = new SeenLines();
  let from = since;
  let sweepAt = performance.now() + SWEEP_EVERY_MS;
  let pollMs = POLL_MS;
  while (!signal.aborted) {
    const isSweep = performance.now() >= sweepAt;
    if (isSweep) sweepAt = performance.now() + SWEEP_EVERY_MS;
    const polledAt = Date.now();
    const start = new Date(Math.max(since.getTime(), isSweep ? polledAt - SWEEP_MS : from.getTime()));
    let late = 0;
    let unnamed = 0;
    try {
      for await (const line of handlerLines(pipeline, { text: LOG_LINES.batch, since: start, signal })) {
        if (!seen.isNew(line, polledAt - FORGET_MS)) continue;
        if (line.at.getTime() < from.getTime()) late += 1;
        const ends = recordsOf(line);
        if (!ends && line.fields.message === LOG_LINES.batch) unnamed += 1;
        const landed = (ends ?? []).map((end) => landedEvent(end, line));
        const wanted = landed.filter(({ event_type }) => type === undefined || event_type === type);
        yield* filter ? await withMembers(pipeline, wanted, filter) : wanted;
        const seconds = Math.round((Date.now() - line.at.getTime()) / 1_000);
        if (!isSweep && from > since && seconds > BEHIND_SECONDS) onNote({ kind: "behind", seconds });
      }
      pollMs = POLL_MS;
      from = new Date(Math.max(from.getTime(), polledAt - OVERLAP_MS));
      seen.forget(polledAt - FORGET_MS);
    } catch (error) {
      if (!isThrottled(error)) throw error;
      pollMs = Math.min(MAX_POLL_MS, pollMs * 2);
      onNote({ kind: "throttled", nextPollMs: pollMs });
    }
    if (late > 0) onNote({ kind: "late", lines: late });
    if (unnamed > 0) onNote({ kind: "unnamed", batches: unnamed });
    await pause(pollMs, signal);
  }
}

function landedEvent(end: EndedRecord, { at }: HandlerLine): LandedEvent {
  const latencyMs = end.received_at === undefined ? undefined : Math.max(0, at.getTime() - Date.parse(end.received_at));
  return { ...end, at, latencyMs };
}

/** Those that are stored with such members. */
async function withMembers(pipeline: Pipeline, landed: readonly LandedEvent[], filter: MemberFilter) {
  const items = new StoredItems(pipeline.client(DynamoDBClient), pipeline.names.table, DATA_ATTRIBUTES);
  const found: LandedEvent[] = [];
  for (let start = 0; start < landed.length; start += MAX_KEYS) {
    const keyed = landed.slice(start, start + MAX_KEYS).flatMap((event) => {
      const { event_type, timestamp_id, end } = event;
      if (end !== "stored" || event_type === undefined || timestamp_id === undefined) return [];
      return { event, key: { event_type, timestamp_id } };
    });
    if (keyed.length === 0) continue;
    const stored = await items.get(keyed.map(({ key }) => key));
    for (const { event, key } of keyed) {
      const item = stored.get(keyText(key));
      if (!item) continue;
      const { data } = storedEvent(item);
      if (hasMembers(data, filter)) found.push({ ...event, data });
    }
  }
  return found;
}

/** Lines that have been shown, for as long as they may be read again. */
class SeenLines {
  private readonly atById = new Map<string, number>();

  /** @param forgotten - Epoch milliseconds; lines from before are read once. */
  isNew({ id, at }: HandlerLine, forgotten: number): boolean {
    if (this.atById.has(id)) return false;
    if (at.getTime() > forgotten) this.atById.set(id, at.getTime());
    return true;
  }

  forget(before: number): void {
    for (const [id, at] of this.atById) if (at < before) this.atById.delete(id);
  }
}
