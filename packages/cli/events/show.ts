import { storedEventJson } from "@event-pipeline/operations/events/stored-event";
import type { EventWay, Outcome } from "@event-pipeline/operations/events/trace/event-trace";
import type { Explanation } from "@event-pipeline/operations/events/trace/explain";
import type { Command } from "commander";
import { action } from "../action";
import { ago } from "../ago";
import { EXIT_CODES } from "../exit-codes";
import { pointInTime } from "../option-values";
import type { Output } from "../output";
import { Progress } from "../progress";
import { verdictOf } from "./verdict";

const DEFAULT_SINCE_MS = 3_600_000;

export function addShow(events: Command): void {
  events
    .command("show")
    .description("one event's whole way, by its MessageId or its own id")
    .argument("<id>", "the MessageId that aws sns publish or event-pipeline publish printed, or the event's id")
    .option("--since <time>", "from when on log and archive are searched: 10m, 2h, 7d or ISO 8601 (1h)", pointInTime)
    .addHelpText(
      "after",
      `
It reads the handler's log, the table by its key, and the archive; the dead-letter queue only where
nothing else explains the event, for looking counts as a receive. Exit code 1: the event is unknown.`,
    )
    .action(
      action<{ readonly since?: Date }>(async ({ pipeline, output, signal }, { since }, id = "") => {
        const { explainEvent } = await import("@event-pipeline/operations/events/trace/explain");
        let objects = 0;
        const progress = new Progress(output, () => `looking; ${objects} objects of the archive read`);
        const onObject = (count: number) => {
          objects = count;
        };
        const from = since ?? new Date(Date.now() - DEFAULT_SINCE_MS);
        const explanation = await explainEvent(pipeline(), id, { since: from, signal, onObject }).finally(() =>
          progress.end(),
        );
        if (output.json) await output.recordJson(jsonOf(explanation));
        else await show(output, explanation, from);
        return explanation.ways.length > 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
      }),
    );
}

function jsonOf({ id, ways, sources, queue }: Explanation): string {
  const others = JSON.stringify({ id, sources, queue });
  return `${others.slice(0, -1)},"ways":[${ways.map((way) => wayJson(way, queue)).join(",")}]}`;
}

function wayJson(way: EventWay, queue: Explanation["queue"]): string {
  const { messageId, eventId, publishedAt, key, attempts, archived, deadLetter, refusal, stored } = way;
  const { outcome, sentence } = verdictOf(way, queue);
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

async function show(output: Output, explanation: Explanation, since: Date): Promise<void> {
  const { ways, sources, id } = explanation;
  for (const way of ways) await showWay(output, way, explanation.queue);
  if (ways.length === 0) {
    await output.line(`${id} is unknown.`);
    output.note(
      `An event is known here from when the handler had it (within seconds), or the archive (which gathers for up to 300 s, if not told otherwise). If it was published before ${since.toISOString()}, give --since. If it was published just now, ask again.`,
    );
  }
  for (const { seen, note } of sources)
    output.note(output.paintNote("dim", `${seen ? "Looked at" : "Not seen:"} ${note}${note.endsWith(".") ? "" : "."}`));
}

const MARKS: Readonly<Record<Outcome, "✓" | "✗" | "·">> = {
  stored: "✓",
  folded: "✓",
  "dead-lettered": "✗",
  filtered: "·",
  expired: "·",
  deleted: "✗",
  retried: "·",
  waiting: "·",
};

async function showWay(output: Output, way: EventWay, queue: Explanation["queue"]): Promise<void> {
  const { messageId, eventId, publishedAt, attempts, key, stored, archived, deadLetter } = way;
  const row = (stage: string, ...parts: (string | undefined)[]) =>
    output.line(`  ${output.paint("dim", stage.padEnd(12))}${parts.filter((part) => part !== undefined).join("  ")}`);
  const what = [key?.event_type, eventId].filter((text) => text !== undefined);
  await output.line([output.paint("bold", messageId), ...what].join("  "));
  if (publishedAt) await row("published", publishedAt.toISOString(), `${ago(publishedAt)} ago`);
  for (const { at, end, receive, code, reason } of attempts) {
    const took = publishedAt && `+${Math.max(0, at.getTime() - publishedAt.getTime())} ms`;
    await row("handler", at.toISOString(), took, `receive ${receive}: ${end}`, code, reason);
  }
  if (stored) {
    await row("table", stored.event_type, stored.timestamp_id, expiryOf(stored.expires_at));
    await row("data", output.cut(stored.data, 14));
  }
  if (deadLetter) {
    // The handler's line has it already.
    const reason = deadLetter.seen ? deadLetter.reason : undefined;
    await row("dead letter", deadLetter.queue, deadLetter.code ?? withoutCode(deadLetter.queue), reason);
  }
  if (archived) await row("archive", `s3://${archived.bucket}/${archived.key}`, `record ${archived.index + 1}`);
  else await row("archive", notArchived(publishedAt));
  const { outcome, sentence, next } = verdictOf(way, queue);
  await output.line(
    `  ${output.paint(MARKS[outcome] === "✓" ? "green" : MARKS[outcome] === "✗" ? "red" : "yellow", `${MARKS[outcome]} ${sentence}`)}`,
  );
  if (next) output.note(`Next: ${next}`);
}

function withoutCode(queue: string): string {
  return queue.endsWith("-undelivered") ? "SNS could not deliver it" : "no code: its receives were used up";
}

/** What Firehose gathers for by default, and at most. */
const GATHERS_MS = 300_000;
const MAX_GATHERS_MS = 900_000;

function notArchived(publishedAt: Date | undefined): string {
  const age = Date.now() - Number(publishedAt);
  if (publishedAt && age > MAX_GATHERS_MS) return "not found there, nor would it be gathering still";
  const from = publishedAt ? `, so look again from ${new Date(publishedAt.getTime() + GATHERS_MS).toISOString()}` : "";
  return `not there yet: it gathers for up to 300 s, if not told otherwise${from}`;
}

function expiryOf(expiresAt: number | undefined): string | undefined {
  return expiresAt === undefined ? undefined : `expires ${new Date(expiresAt * 1_000).toISOString().slice(0, 10)}`;
}
