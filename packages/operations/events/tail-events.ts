import { DATA_ATTRIBUTES, keyText } from "@event-pipeline/event-model/item/attributes";
import { LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { isThrottled } from "../aws-errors";
import { pause } from "../clock";
import type { Pipeline } from "../pipeline";
import { EventTableReader } from "../table/events-table";
import { storedEvent } from "../table/stored-event";
import { type HandlerLine, handlerLines, recordsOf } from "./handler-log";
import { hasMembers, type MemberFilter } from "./member-filter";

/** An event's outcome in one invocation of the handler. */
export interface HandledEvent extends LoggedRecord {
  /** The time at which the batch ended. */
  readonly at: Date;
  /** Milliseconds from the receipt by SNS to `at`; undefined when the handler could not read the time of the receipt. */
  readonly latencyMs: number | undefined;
  /** The event as JSON. Present only with a filter. */
  readonly data?: string;
}

/** A message about gaps or delays in the tail. */
export type TailNote =
  | { readonly kind: "throttled"; readonly nextPollMs: number }
  /** CloudWatch returned lines late, so their events are out of order. */
  | { readonly kind: "late"; readonly lines: number }
  /** The log has no records of some batches: LOG_RECORDS is false, or an older handler is deployed. */
  | { readonly kind: "unnamed"; readonly batches: number }
  /** The reader consumes events more slowly than they arrive. */
  | { readonly kind: "behind"; readonly seconds: number };

export interface TailEventsOptions {
  /** @default - every type */
  readonly type?: string | undefined;
  /** Members that a stored event must have. With a filter, other events are not returned. @default - no filter */
  readonly filter?: MemberFilter | undefined;
  /** The time of the first batch to return. */
  readonly since: Date;
  readonly onNote: (note: TailNote) => void;
  readonly signal: AbortSignal;
}

const POLL_MS = 1_000;
const MAX_POLL_MS = 30_000;
/** Each poll also reads this much time before the last poll, because CloudWatch returns most lines within it. */
const OVERLAP_MS = 10_000;
/** The interval between sweeps, which are polls for lines that CloudWatch returns even later. */
const SWEEP_EVERY_MS = 30_000;
/** The time that a sweep reads again. */
const SWEEP_MS = 120_000;
/** The age after which no poll reads a line again. */
const FORGET_MS = SWEEP_MS + OVERLAP_MS;
const BEHIND_SECONDS = 15;

/**
 * Follows events as the event processor handles them, until the signal aborts.
 * The events come from the handler's log, which lists every record of every batch.
 * No event is skipped. A caller that consumes events too slowly receives a note.
 *
 * @example
 * for await (const { end } of tailEvents(pipeline, { since: new Date(), onNote, signal })) ends.push(end);
 */
export async function* tailEvents(
  pipeline: Pipeline,
  { type, filter, since, onNote, signal }: TailEventsOptions,
): AsyncGenerator<HandledEvent, void, void> {
  /** The times of lines that a later poll may return again, by line ID. */
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

/** Returns the events that are stored and match the filter, with their data. */
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
  const items = await EventTableReader.of(pipeline).get(
    keyed.map(({ key }) => key),
    DATA_ATTRIBUTES,
  );
  return keyed.flatMap(({ event, key }) => {
    const item = items.get(keyText(key));
    const data = item && storedEvent(item).data;
    return data !== undefined && hasMembers(data, filter) ? [{ ...event, data }] : [];
  });
}
