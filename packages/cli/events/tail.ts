import { eventIdOf, timeOfSortKey } from "@event-pipeline/event-model/item/key";
import { formatAge } from "@event-pipeline/node-process/format-age";
import type { TextStyle } from "@event-pipeline/node-process/standard-output";
import type { HandledEvent, TailNote } from "@event-pipeline/operations/events/tail-events";
import { areCredentialsRefused } from "@event-pipeline/operations/reading";
import type { Command } from "commander";
import type { CreateAction } from "../action";
import { pairs, pointInTime, wholeNumber } from "../option-values";
import { countOf, type Output } from "../output";

interface TailOptions {
  readonly type?: string;
  readonly since?: Date;
  readonly filter?: Readonly<Record<string, string>>;
  readonly limit?: number;
}

const STYLES: Readonly<Record<HandledEvent["end"], TextStyle>> = {
  stored: "green",
  refused: "red",
  retried: "yellow",
  late: "yellow",
};

/** Milliseconds during which a note of the same kind is not repeated. Failed reads have their own interval. */
const NOTE_INTERVAL_MS = 10_000;

export function addTailCommand(events: Command, action: CreateAction): void {
  events
    .command("tail")
    .description("Follow events as the handler stores, refuses or retries them, until Ctrl-C")
    .option("--type <type>", "Only events of this type")
    .option(
      "--since <time>",
      "Start with events handled since this time: 10m, 2h, or ISO 8601 (default: now)",
      pointInTime,
    )
    .option(
      "--filter <path=value>",
      "Only stored events with this member or message attribute: severity=high, attribute:agent=a; repeatable",
      pairs,
    )
    .option("--limit <n>", "Stop after this number of events (default: no limit)", wholeNumber(1, 1_000_000_000))
    .addHelpText(
      "after",
      `
Each line has the time at which the event was handled, its outcome, the milliseconds since SNS received it (+), the age by its own time, its type, its own ID if it has one, the MessageId from SNS, and the trace ID of its message attribute traceparent.

No event is left out. An event that SQS delivers again has another line. If the output falls behind, or the log cannot be read, a message on stderr reports it, and the command continues. It ends by itself only if AWS rejects the credentials.`,
    )
    .action(
      action<TailOptions>(async (session, { type, filter, since, limit }) => {
        const { io, pipeline, output, signal, args, commandLine } = session;
        const { tailEvents } = await import("@event-pipeline/operations/events/tail-events");
        let printed = 0;
        let unreadFrom = since ?? new Date();
        let isUnread = true;
        const onRead = (from: Date) => {
          unreadFrom = from;
          isUnread = false;
        };
        const print = noteHandler(output);
        const onNote = (note: TailNote) => {
          if (note.kind === "unread") isUnread = true;
          print(note);
        };
        if (!since) output.note("Waiting for events. Press Ctrl-C to stop.");
        const options = { type, filter, since: unreadFrom, onNote, onRead, signal };
        try {
          for await (const event of tailEvents(pipeline(), options)) {
            printed += 1;
            await output.print(
              () => recordOf(event),
              () => lineOf(output, event),
            );
            if (printed === limit) break;
          }
        } catch (error) {
          isUnread = areCredentialsRefused(error);
          throw error;
        } finally {
          output.note(`${countOf(printed, "event")}.`);
          if (isUnread && printed !== limit && !io.closed.aborted) {
            const from = unreadFrom.toISOString();
            const again = commandLine([...withoutSince(args), "--since", from]);
            output.note(`The events since ${from} were not all read. To continue: ${again}`);
          }
        }
      }),
    );
}

/** Returns the arguments without the option `--since` and its value. */
function withoutSince(args: readonly string[]): string[] {
  return args.filter((arg, index) => !/^--since(=|$)/.test(arg) && args[index - 1] !== "--since");
}

function recordOf({ at, latencyMs, data, ...record }: HandledEvent): object {
  return {
    at,
    ...record,
    event_id: eventIdOf(record),
    latency_ms: latencyMs,
    age_ms: ageMs(record, at),
    data: data === undefined ? undefined : JSON.parse(data),
  };
}

function lineOf(output: Output, event: HandledEvent): string {
  const { at, latencyMs, end, event_type: type, error_code: code, receive_count: receives } = event;
  const age = ageMs(event, at);
  return [
    output.paint("dim", at.toISOString().slice(11, 23)),
    output.paint(STYLES[end], end.padEnd(7)),
    (latencyMs === undefined ? "" : `+${latencyMs} ms`).padStart(9),
    (age === undefined ? "" : `age ${formatAge(new Date(0), age)}`).padEnd(8),
    output.paint("cyan", type ?? code ?? ""),
    ...[eventIdOf(event) ?? []].flat(),
    event.sns_message_id ?? event.sqs_message_id ?? "",
    ...(event.trace_id === undefined ? [] : [`trace ${event.trace_id}`]),
    ...(receives === undefined ? [] : [`receive ${receives}`]),
    ...(type !== undefined && code !== undefined ? [code] : []),
  ].join("  ");
}

/** Returns the milliseconds from the event's own time to `at`; undefined when its time is unknown. */
function ageMs({ timestamp_id: key, received_at: received }: Partial<HandledEvent>, at: Date): number | undefined {
  const time = key === undefined ? received : timeOfSortKey(key);
  return time === undefined ? undefined : at.getTime() - Date.parse(time);
}

/** Returns a function that prints a note, unless it has just printed a note of the same kind. */
function noteHandler(output: Output): (note: TailNote) => void {
  const printedAt = new Map<TailNote["kind"], number>();
  return (note) => {
    const isOutage = note.kind === "unread" || note.kind === "readAgain";
    if (!isOutage && performance.now() - (printedAt.get(note.kind) ?? Number.NEGATIVE_INFINITY) < NOTE_INTERVAL_MS)
      return;
    printedAt.set(note.kind, performance.now());
    output.note(noteText(note));
  };
}

function noteText(note: TailNote): string {
  switch (note.kind) {
    case "unread":
      return `The events since ${note.since.toISOString()} cannot be read. ${note.error.message} The next try follows in ${note.nextPollMs / 1_000} s. No event is left out.`;
    case "readAgain":
      return `Everything is read again. The events since ${note.since.toISOString()} follow.`;
    case "gone":
      return `${countOf(note.events, "event")} cannot be compared with --filter, because the table no longer has them.`;
    case "late":
      return `CloudWatch returned ${countOf(note.lines, "log line")} late. Their events are out of order.`;
    case "unnamed":
      return `${note.batches} batches did not log their records: LOG_RECORDS is false, or an older handler is deployed. Their events are not shown.`;
    case "behind":
      return `The output is ${note.seconds} s behind: events arrive faster than they are read.`;
  }
}
