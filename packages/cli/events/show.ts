import { formatAge } from "@event-pipeline/node-process/format-age";
import type { EventTrace, TraceOutcome } from "@event-pipeline/operations/events/trace/event-trace";
import type { EventExplanation } from "@event-pipeline/operations/events/trace/explain-event";
import { storedEventJson } from "@event-pipeline/operations/table/stored-event";
import type { Command } from "commander";
import type { CreateAction } from "../action";
import { EXIT_CODES } from "../exit-codes";
import { pointInTime } from "../option-values";
import type { Output } from "../output";
import { withProgress } from "../progress";
import { describeOutcome } from "./describe-outcome";

const DEFAULT_SINCE_MS = 3_600_000;

export function addShow(events: Command, action: CreateAction): void {
  events
    .command("show")
    .description("Trace one event from SNS to the table, by its MessageId or its own id")
    .argument("<id>", "MessageId that publish printed, or the event's id")
    .option("--since <time>", "Search log and archive since then: 10m, 2h, 7d, or ISO 8601 (default: 1h)", pointInTime)
    .addHelpText(
      "after",
      `
Reads the handler's log, the table by its key, and the archive. It peeks at the dead-letter queue
only if nothing else explains the event, because a peek counts as a receive. Exit code 1: the event
was not found.`,
    )
    .action(
      action<{ readonly since?: Date }>(async ({ pipeline, output, signal }, options, id = "") => {
        const { explainEvent } = await import("@event-pipeline/operations/events/trace/explain-event");
        const { since = new Date(Date.now() - DEFAULT_SINCE_MS) } = options;
        let objects = 0;
        const explanation = await withProgress(
          output,
          () => `searching; ${objects} objects of the archive read`,
          () =>
            explainEvent(pipeline(), id, {
              since,
              signal,
              onObject: (count) => {
                objects = count;
              },
            }),
        );
        if (output.json) await output.recordJson(explanationJson(explanation));
        else await print(output, explanation, since);
        return explanation.traces.length > 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
      }),
    );
}

function explanationJson({ id, traces, sources, queue }: EventExplanation): string {
  const others = JSON.stringify({ id, sources, queue });
  return `${others.slice(0, -1)},"ways":[${traces.map((trace) => traceJson(trace, queue)).join(",")}]}`;
}

function traceJson(trace: EventTrace, queue: EventExplanation["queue"]): string {
  const { messageId, eventId, publishedAt, key, attempts, archived, deadLetter, refusal, stored } = trace;
  const { outcome, sentence } = describeOutcome(trace, queue);
  const json = JSON.stringify({
    outcome,
    sentence,
    message_id: messageId,
    published_at: publishedAt?.toISOString(),
    ...key,
    event_id: eventId,
    attempts: attempts.map(({ at, end, receive, code, reason }) => ({
      at: at.toISOString(),
      end,
      receive_count: receive,
      error_code: code,
      reason,
    })),
    dead_letter: deadLetter && {
      queue: deadLetter.queue,
      error_code: deadLetter.code,
      reason: deadLetter.reason,
      seen: deadLetter.seen,
    },
    refusal,
    archived: archived && { object: `s3://${archived.bucket}/${archived.key}`, record: archived.index + 1 },
  });
  return stored ? `${json.slice(0, -1)},"stored":${storedEventJson(stored)}}` : json;
}

async function print(output: Output, explanation: EventExplanation, since: Date): Promise<void> {
  const { traces, sources, id } = explanation;
  for (const trace of traces) await printTrace(output, trace, explanation.queue);
  if (traces.length === 0) {
    await output.line(`${id} was not found.`);
    output.note(
      `An event is found seconds after the handler received it, or once the archive has it, which takes up to 300 s by default. If it was published before ${since.toISOString()}, give --since. If it was published just now, try again.`,
    );
  }
  for (const { seen, note } of sources) {
    const text = `${seen ? "Searched" : "Could not search:"} ${note}${note.endsWith(".") ? "" : "."}`;
    output.note(output.paintNote("dim", text));
  }
}

const MARKS: Readonly<Record<TraceOutcome, "✓" | "✗" | "·">> = {
  stored: "✓",
  folded: "✓",
  "dead-lettered": "✗",
  filtered: "·",
  expired: "·",
  deleted: "✗",
  retried: "·",
  waiting: "·",
};
const MARK_STYLES = { "✓": "green", "✗": "red", "·": "yellow" } as const;

async function printTrace(output: Output, trace: EventTrace, queue: EventExplanation["queue"]): Promise<void> {
  const { messageId, eventId, publishedAt, attempts, key, stored, archived, deadLetter } = trace;
  const row = (stage: string, ...parts: (string | undefined)[]) =>
    output.line(`  ${output.paint("dim", stage.padEnd(12))}${parts.filter((part) => part !== undefined).join("  ")}`);
  const identity = [key?.event_type, eventId].filter((text) => text !== undefined);
  await output.line([output.paint("bold", messageId), ...identity].join("  "));
  if (publishedAt) await row("published", publishedAt.toISOString(), `${formatAge(publishedAt)} ago`);
  for (const { at, end, receive, code, reason } of attempts) {
    const latency = publishedAt && `+${Math.max(0, at.getTime() - publishedAt.getTime())} ms`;
    await row("handler", at.toISOString(), latency, `receive ${receive}: ${end}`, code, reason);
  }
  if (stored) {
    const { event_type, timestamp_id, expires_at: expiresAt, data } = stored;
    const expiry = expiresAt && `expires ${new Date(expiresAt * 1_000).toISOString().slice(0, 10)}`;
    await row("table", event_type, timestamp_id, expiry || undefined);
    await row("data", output.cut(data, 14));
  }
  if (deadLetter) {
    const { queue: name, code, seen, reason } = deadLetter;
    const why = name.endsWith("-undelivered")
      ? "SNS could not deliver it"
      : "no code: moved by SQS after its last receive";
    // The handler's row already has the reason of a message that was not seen.
    await row("dead letter", name, code ?? why, seen ? reason : undefined);
  }
  if (archived) await row("archive", `s3://${archived.bucket}/${archived.key}`, `record ${archived.index + 1}`);
  else await row("archive", notArchivedText(publishedAt));
  const { outcome, sentence, next } = describeOutcome(trace, queue);
  const mark = MARKS[outcome];
  await output.line(`  ${output.paint(MARK_STYLES[mark], `${mark} ${sentence}`)}`);
  if (next) output.note(`Next: ${next}`);
}

/** The default buffering interval of Firehose, and its maximum, in milliseconds. */
const BUFFER_MS = 300_000;
const MAX_BUFFER_MS = 900_000;

function notArchivedText(publishedAt: Date | undefined): string {
  if (!publishedAt) return "not there yet: Firehose buffers for up to 300 s by default";
  if (Date.now() - publishedAt.getTime() > MAX_BUFFER_MS) return "not found, although Firehose can no longer buffer it";
  const expectedAt = new Date(publishedAt.getTime() + BUFFER_MS).toISOString();
  return `not there yet: Firehose buffers for up to 300 s by default, until ${expectedAt}`;
}
