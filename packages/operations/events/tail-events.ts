import { DATA_ATTRIBUTES, keyText } from "@event-pipeline/event-model/item/attributes";
import { LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { isThrottled } from "../aws-errors";
import { pause } from "../clock";
import type { Pipeline } from "../pipeline";
import { EventsTable } from "../table/events-table";
import { storedEvent } from "../table/stored-event";
import { type HandlerLine, handlerLines, recordsOf } from "./handler-log";
import { hasMembers, type MemberFilter } from "./member-filter";

/** An event and what the handler did with it in one receive. */
export interface HandledEvent extends LoggedRecord {
  /** The time at which the batch ended. */
  readonly at: Date;
  /** Milliseconds since SNS received the event; undefined when the handler could not read that time. */
  readonly latencyMs: number | undefined;
  /** The event as JSON; present only with a filter. */
  readonly data?: string;
}

/** A remark about the events shown. */
export type TailNote =
  | { readonly kind: "throttled"; readonly nextPollMs: number }
  /** Lines that CloudWatch returned late, and that are therefore out of order. */
  | { readonly kind: "late"; readonly lines: number }
  /** Batches whose records are not logged: LOG_RECORDS is false, or an older handler is deployed. */
  | { readonly kind: "unnamed"; readonly batches: number }
  /** The age of the event that is shown now. */
  | { readonly kind: "behind"; readonly seconds: number };

export interface TailEventsOptions {
  /** @default - every type */
  readonly type?: string | undefined;
  /** Selects stored events. @default - every event, stored or not */
  readonly filter?: MemberFilter | undefined;
  /** Events that the handler has handled since then. */
  readonly since: Date;
  readonly onNote: (note: TailNote) => void;
  readonly signal: AbortSignal;
}

const POLL_MS = 1_000;
const MAX_POLL_MS = 30_000;
/** CloudWatch returns most lines within this time of their writing. */
const OVERLAP_MS = 10_000;
/** The interval of polls for lines that are later than that, and how late these may be. */
const SWEEP_EVERY_MS = 30_000;
const SWEEP_MS = 120_000;
/** The age after which a line is not read again. */
const FORGET_MS = SWEEP_MS + OVERLAP_MS;
const BEHIND_SECONDS = 15;

/**
 * Follows events as the event processor handles them, until the signal aborts.
 * It reads the handler's log, which names every record of every batch, and skips
 * none. It reads the next page when the last is consumed, so a slow reader falls
 * behind; a note reports it.
 *
 * @example
 * for await (const { end } of tailEvents(pipeline, { since: new Date(), onNote, signal })) ends.push(end);
 */
export async function* tailEvents(
  pipeline: Pipeline,
  { type, filter, since, onNote, signal }: TailEventsOptions,
): AsyncGenerator<HandledEvent, void, void> {
  /** The lines that a poll may return again, with their times. */
  const atBySeen = new Map<string, number>();
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
        if (atBySeen.has(line.id)) continue;
        if (line.at.getTime() > polledAt - FORGET_MS) atBySeen.set(line.id, line.at.getTime());
        if (line.at.getTime() < from.getTime()) late += 1;
        const records = recordsOf(line);
        if (!records && line.fields.message === LOG_LINES.batch) unnamed += 1;
        const handled = (records ?? []).map((record) => handledEvent(record, line));
        const wanted = handled.filter(({ event_type }) => type === undefined || event_type === type);
        yield* filter ? await storedWith(pipeline, wanted, filter) : wanted;
        const seconds = Math.round((Date.now() - line.at.getTime()) / 1_000);
        if (!isSweep && from > since && seconds > BEHIND_SECONDS) onNote({ kind: "behind", seconds });
      }
      pollMs = POLL_MS;
      from = new Date(Math.max(from.getTime(), polledAt - OVERLAP_MS));
      for (const [id, at] of atBySeen) if (at < polledAt - FORGET_MS) atBySeen.delete(id);
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

function handledEvent(record: LoggedRecord, { at }: HandlerLine): HandledEvent {
  const { received_at: receivedAt } = record;
  const latencyMs = receivedAt === undefined ? undefined : Math.max(0, at.getTime() - Date.parse(receivedAt));
  return { ...record, at, latencyMs };
}

/** Returns the stored events that match the filter, with their data. */
async function storedWith(
  pipeline: Pipeline,
  events: readonly HandledEvent[],
  filter: MemberFilter,
): Promise<HandledEvent[]> {
  const keyed = events.flatMap((event) => {
    const { event_type, timestamp_id, end } = event;
    if (end !== "stored" || event_type === undefined || timestamp_id === undefined) return [];
    return [{ event, key: { event_type, timestamp_id } }];
  });
  const items = await EventsTable.of(pipeline).get(
    keyed.map(({ key }) => key),
    DATA_ATTRIBUTES,
  );
  return keyed.flatMap(({ event, key }) => {
    const item = items.get(keyText(key));
    const data = item && storedEvent(item).data;
    return data !== undefined && hasMembers(data, filter) ? [{ ...event, data }] : [];
  });
}
