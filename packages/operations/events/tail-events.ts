import { DATA_ATTRIBUTES, keyText } from "@event-pipeline/event-model/item/attributes";
import { LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { toOperationError } from "../aws-errors";
import { type Clock, SYSTEM_CLOCK } from "../clock";
import { NotDeployedError, type OperationError, UsageError } from "../errors";
import type { Pipeline } from "../pipeline";
import { areCredentialsRefused } from "../reading";
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
  /** The log or, with a filter, the table cannot be read. The tail continues, and skips no event. */
  | { readonly kind: "unread"; readonly error: OperationError; readonly since: Date; readonly nextPollMs: number }
  /** Everything is read again. */
  | { readonly kind: "readAgain"; readonly since: Date }
  /** The table no longer has stored events, so the filter cannot be applied to them. They are not returned. */
  | { readonly kind: "gone"; readonly events: number }
  /** CloudWatch returned lines late, so their events are out of order. */
  | { readonly kind: "late"; readonly lines: number }
  /** The log has no records of some batches: LOG_RECORDS is false, or an older handler is deployed. */
  | { readonly kind: "unnamed"; readonly batches: number }
  /** The reader consumes events more slowly than they arrive. */
  | { readonly kind: "behind"; readonly seconds: number };

export interface TailEventsOptions {
  /** @default - every type */
  readonly type?: string | undefined;
  /** Members and message attributes that a stored event must have. With a filter, other events are not returned. @default - no filter */
  readonly filter?: MemberFilter | undefined;
  /** The time of the first batch to return. */
  readonly since: Date;
  readonly onNote: (note: TailNote) => void;
  /** Called after each poll that read the log completely, with the time from which the next poll reads. */
  readonly onRead?: (from: Date) => void;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
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
 * No event is skipped. A caller that consumes events too slowly receives a note. Errors
 * of AWS also become notes, and the tail tries again.
 *
 * @throws OperationError when the credentials are refused, or the log does not exist at the first poll.
 * @example
 * for await (const { end } of tailEvents(pipeline, { since: new Date(), onNote, signal })) ends.push(end);
 */
export async function* tailEvents(
  pipeline: Pipeline,
  { type, filter, since, onNote, onRead, signal, clock = SYSTEM_CLOCK }: TailEventsOptions,
): AsyncGenerator<HandledEvent, void, void> {
  /** The times of lines that a later poll may return again, by line ID. */
  const atBySeen = new Map<string, number>();
  let from = since;
  let sweepAt = clock.now() + SWEEP_EVERY_MS;
  let pollMs = POLL_MS;
  let hasRead = false;
  let unreadSince: Date | undefined;
  while (!signal.aborted) {
    const isSweep = clock.now() >= sweepAt;
    if (isSweep) sweepAt = clock.now() + SWEEP_EVERY_MS;
    const polledAt = Date.now();
    const first = isSweep ? Math.min(from.getTime(), polledAt - SWEEP_MS) : from.getTime();
    const start = new Date(Math.max(since.getTime(), first));
    /** The time of the newest line of this poll whose events were returned. */
    let position = start.getTime();
    let late = 0;
    let unnamed = 0;
    const onGone = (events: number) => onNote({ kind: "gone", events });
    try {
      for await (const line of handlerLines(pipeline, { text: LOG_LINES.batch, since: start, signal })) {
        if (atBySeen.has(line.id)) continue;
        if (line.at.getTime() < from.getTime()) late += 1;
        const records = recordsOf(line);
        if (!records && line.fields.message === LOG_LINES.batch) unnamed += 1;
        const handled = (records ?? []).map((record) => handledEvent(record, line));
        const wanted = handled.filter(({ event_type }) => type === undefined || event_type === type);
        yield* filter ? await storedWith(pipeline, wanted, filter, { onGone, signal }) : wanted;
        atBySeen.set(line.id, line.at.getTime());
        position = Math.max(position, line.at.getTime());
        forget(atBySeen, position - FORGET_MS);
        const seconds = Math.round((Date.now() - line.at.getTime()) / 1_000);
        if (!isSweep && from > since && seconds > BEHIND_SECONDS) onNote({ kind: "behind", seconds });
      }
      if (unreadSince) onNote({ kind: "readAgain", since: unreadSince });
      unreadSince = undefined;
      hasRead = true;
      pollMs = POLL_MS;
      from = new Date(Math.max(from.getTime(), polledAt - OVERLAP_MS));
      onRead?.(from);
    } catch (cause) {
      if (signal.aborted) return;
      const error = toOperationError(cause, pipeline.description);
      const isWrongName = error instanceof NotDeployedError && !hasRead;
      if (areCredentialsRefused(error) || error instanceof UsageError || isWrongName) throw error;
      unreadSince ??= new Date();
      pollMs = Math.min(MAX_POLL_MS, pollMs * 2);
      onNote({ kind: "unread", error, since: unreadSince, nextPollMs: pollMs });
      from = new Date(Math.max(from.getTime(), position - OVERLAP_MS));
    }
    if (late > 0) onNote({ kind: "late", lines: late });
    if (unnamed > 0) onNote({ kind: "unnamed", batches: unnamed });
    await clock.pause(pollMs, signal);
  }
}

/** Forgets lines that no later poll returns again. The lines are sorted by time, except for late ones. */
function forget(atBySeen: Map<string, number>, before: number): void {
  for (const [id, at] of atBySeen) {
    if (at >= before) return;
    atBySeen.delete(id);
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
  { onGone, signal }: { readonly onGone: (events: number) => void; readonly signal: AbortSignal },
): Promise<HandledEvent[]> {
  const keyed = events.flatMap((event) => {
    const { event_type, timestamp_id, end } = event;
    if (end !== "stored" || event_type === undefined || timestamp_id === undefined) return [];
    return [{ event, key: { event_type, timestamp_id } }];
  });
  const items = await EventTableReader.of(pipeline).get(
    keyed.map(({ key }) => key),
    [...DATA_ATTRIBUTES, "attributes"],
    signal,
  );
  const gone = keyed.filter(({ key }) => !items.has(keyText(key))).length;
  if (gone > 0) onGone(gone);
  return keyed.flatMap(({ event, key }) => {
    const item = items.get(keyText(key));
    const stored = item && storedEvent(item);
    return stored && hasMembers(stored, filter) ? [{ ...event, data: stored.data }] : [];
  });
}
