import { eventIdOf, eventTimeOf } from "@event-pipeline/operations/events/event-key-parts";
import type { LandedEvent, TailNote } from "@event-pipeline/operations/events/tail-events";
import type { Command } from "commander";
import { action } from "../action";
import { ago } from "../ago";
import { pairs, pointInTime, wholeNumber } from "../option-values";
import type { Output, Style } from "../output";

interface TailOptions {
  readonly type?: string;
  readonly since?: Date;
  readonly filter?: Readonly<Record<string, string>>;
  readonly limit?: number;
}

const STYLES: Readonly<Record<LandedEvent["end"], Style>> = {
  stored: "green",
  refused: "red",
  retried: "yellow",
  late: "yellow",
};

/** Milliseconds in which the same thing is said once. */
const SAID_MS = 10_000;

export function addTail(events: Command): void {
  events
    .command("tail")
    .description("follow events as they are stored, refused or handed back, until Ctrl-C")
    .option("--type <type>", "events of that type")
    .option("--since <time>", "also those that landed from then on: 10m, 2h or ISO 8601", pointInTime)
    .option("--filter <path=value>", "stored events with that member, such as severity=high", pairs)
    .option("--limit <n>", "end after so many events", wholeNumber(1, 1_000_000_000))
    .addHelpText(
      "after",
      `
A line has when the event landed, its end, how long that took from SNS (+), how old the event was
by its own time (age), its type, its id if it has one, and SNS's MessageId. Nothing is sampled or
left out; a reader that is too slow falls behind, and stderr says so.`,
    )
    .action(
      action<TailOptions>(async ({ pipeline, output, signal }, { type, filter, since, limit }) => {
        const { tailEvents } = await import("@event-pipeline/operations/events/tail-events");
        let shown = 0;
        const onNote = notes(output);
        const from = since ?? new Date();
        if (!since) output.note("Waiting for events; Ctrl-C ends.");
        try {
          for await (const event of tailEvents(pipeline(), { type, filter, since: from, onNote, signal })) {
            shown += 1;
            if (output.json) await output.record(recordOf(event));
            else await output.line(lineOf(output, event));
            if (shown === limit) break;
          }
        } finally {
          output.note(`${shown} ${shown === 1 ? "event" : "events"}.`);
        }
        return undefined;
      }),
    );
}

function recordOf({ at, latencyMs, data, ...end }: LandedEvent): object {
  return {
    at: at.toISOString(),
    ...end,
    event_id: eventIdOf(end),
    latency_ms: latencyMs,
    age_ms: ageMs(end, at),
    data: data === undefined ? undefined : JSON.parse(data),
  };
}

function lineOf(output: Output, event: LandedEvent): string {
  const { at, latencyMs, end, event_type: type, error_code: code, receive_count: receives } = event;
  const age = ageMs(event, at);
  return [
    output.paint("dim", at.toISOString().slice(11, 23)),
    output.paint(STYLES[end], end.padEnd(7)),
    (latencyMs === undefined ? "" : `+${latencyMs} ms`).padStart(9),
    (age === undefined ? "" : `age ${ago(new Date(0), age)}`).padEnd(8),
    output.paint("cyan", type ?? code ?? ""),
    ...[eventIdOf(event) ?? []].flat(),
    event.sns_message_id ?? event.sqs_message_id ?? "",
    ...(receives === undefined ? [] : [`receive ${receives}`]),
    ...(type !== undefined && code !== undefined ? [code] : []),
  ].join("  ");
}

/** Milliseconds by the event's own time. */
function ageMs({ timestamp_id: key, received_at: received }: Partial<LandedEvent>, at: Date): number | undefined {
  const time = key === undefined ? received : eventTimeOf(key);
  return time === undefined ? undefined : at.getTime() - Date.parse(time);
}

/** Says what the follower ought to know, and not again at once. */
function notes(output: Output): (note: TailNote) => void {
  const saidAt = new Map<TailNote["kind"], number>();
  return (note) => {
    if (performance.now() - (saidAt.get(note.kind) ?? Number.NEGATIVE_INFINITY) < SAID_MS) return;
    saidAt.set(note.kind, performance.now());
    output.note(sentenceOf(note));
  };
}

function sentenceOf(note: TailNote): string {
  switch (note.kind) {
    case "throttled":
      return `CloudWatch throttles; asking again in ${note.nextPollMs / 1_000} s. Nothing is left out.`;
    case "late":
      return `${note.lines} batches came late into the log, and are shown out of turn.`;
    case "unnamed":
      return `${note.batches} batches do not name their records: LOG_RECORDS is false, or an older handler is deployed. Their events are not shown.`;
    case "behind":
      return `What is shown now landed ${note.seconds} s ago: more lands than is read.`;
  }
}
