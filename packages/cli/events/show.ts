import { explainReplacedTime } from "@event-pipeline/event-model/event-time";
import { formatAge } from "@event-pipeline/node-process/format-age";
import { optionWords, positionalWords } from "@event-pipeline/operations/commands";
import type { OperationError } from "@event-pipeline/operations/errors";
import { type EventTrace, type HandlerAttempt, outcomeOf } from "@event-pipeline/operations/events/trace/event-trace";
import type { EventExplanation } from "@event-pipeline/operations/events/trace/explain-event";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { areCredentialsRefused, knownValue, type Reading } from "@event-pipeline/operations/reading";
import type { QueueCounts } from "@event-pipeline/operations/sqs/queue-counts";
import { storedEventJson } from "@event-pipeline/operations/table/stored-event";
import type { Command } from "commander";
import { type CreateAction, EXIT_CODES, exitCodeOf } from "../action";
import { pointInTime } from "../option-values";
import { countOf, type Output } from "../output";

const DEFAULT_SINCE_MS = 3_600_000;

export function addShowCommand(events: Command, action: CreateAction): void {
  events
    .command("show")
    .description("Trace one event from SNS to the table, by its MessageId or its own ID")
    .argument("<id>", "MessageId that publish printed, or the event's own ID")
    .option(
      "--since <time>",
      "Search log and archive since this time: 10m, 2h, 7d, or ISO 8601 (default: 1h)",
      pointInTime,
    )
    .addHelpText(
      "after",
      `
Searches the handler's log, the table and the archive. Peeks at the dead-letter queue only if nothing else explains the event, because a peek counts as a receive. If the event is not found, the exit code is 1: none of the searched places has it. If a source could not be read, the exit code is 3.`,
    )
    .action(
      action<{ readonly since?: Date }>(async ({ pipeline, output, signal }, options, id = "") => {
        const { explainEvent } = await import("@event-pipeline/operations/events/trace/explain-event");
        const { since = new Date(Date.now() - DEFAULT_SINCE_MS) } = options;
        const onUnread = (place: string, { message }: OperationError) => output.note(`Not known: ${place}. ${message}`);
        const explanation = await output.progress(
          (objects = 0) => `searching; ${objects} archive objects read`,
          (onObject: (objects: number) => void) => explainEvent(pipeline(), id, { since, signal, onObject, onUnread }),
        );
        if (output.json) await output.recordJson(explanationJson(pipeline(), explanation));
        else await print(output, pipeline(), explanation, since);
        // The errors are on stderr already.
        const errors = explanation.sources.flatMap(({ error }) => error ?? []);
        if (errors.length > 0) return exitCodeOf(false, errors.find(areCredentialsRefused));
        return explanation.traces.length > 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
      }),
    );
}

function explanationJson(pipeline: Pipeline, { id, traces, sources, queue }: EventExplanation): string {
  const places = sources.map(({ place, seen, note }) => ({ place, seen, note }));
  const others = JSON.stringify({ id, sources: places, queue });
  return `${others.slice(0, -1)},"ways":[${traces.map((trace) => traceJson(pipeline, trace, queue)).join(",")}]}`;
}

function traceJson(pipeline: Pipeline, trace: EventTrace, queue: EventExplanation["queue"]): string {
  const { messageId, eventId, traceId, publishedAt, key, unreadableTime, attempts, refusal } = trace;
  const [outcome, deadLetter, stored] = [outcomeOf(trace), knownValue(trace.deadLetter), knownValue(trace.table)];
  const archived = trace.archive && knownValue(trace.archive);
  const json = JSON.stringify({
    outcome: knownValue(outcome) ?? "not known",
    sentence: describeOutcome(pipeline, trace, queue).sentence,
    message_id: messageId,
    published_at: publishedAt,
    ...key,
    event_id: eventId,
    trace_id: traceId,
    unreadable_time: unreadableTime,
    attempts: attempts.map(({ at, end, receive: receive_count, code: error_code, reason }) => {
      return { at, end, receive_count, error_code, reason };
    }),
    dead_letter: deadLetter && {
      queue: deadLetter.queue,
      error_code: deadLetter.code,
      reason: deadLetter.reason,
      seen: deadLetter.seen,
    },
    refusal,
    archived: archived && { object: `s3://${archived.bucket}/${archived.key}`, record: archived.index + 1 },
    not_known: unknownPlaces(trace),
  });
  return stored ? `${json.slice(0, -1)},"stored":${storedEventJson(stored)}}` : json;
}

/** Returns the places that may have something about the publication, but could not be read or were not searched. */
function unknownPlaces({ log, table, archive, deadLetter }: EventTrace): string[] {
  const readings: Readonly<Record<string, Reading<unknown> | undefined>> = { log, table, archive, deadLetter };
  return Object.keys(readings).filter((place) => (readings[place]?.state ?? "not known") === "not known");
}

async function print(output: Output, pipeline: Pipeline, explanation: EventExplanation, since: Date): Promise<void> {
  const { traces, sources, id } = explanation;
  const isWhole = sources.every(({ error }) => error === undefined);
  for (const trace of traces) await printTrace(output, pipeline, trace, explanation.queue);
  if (traces.length === 0 && isWhole) {
    await output.line(`${id} was not found in the places below, since ${since.toISOString()}.`);
    output.note(
      `The log has an event some seconds after the handler receives it, and the archive has it within 300 s by default. If the event is new, try again. If it was published before ${since.toISOString()}, give --since.`,
    );
  } else if (traces.length === 0) await output.line(`${id} is not known: some places could not be read.`);
  for (const { seen, note } of sources.filter(({ error }) => error === undefined)) {
    output.note(output.paintNote("dim", `${seen ? "Searched" : "Could not search:"} ${note}.`));
  }
  if (!isWhole) output.note("The places that are not known may have more. Fix the cause, then run the command again.");
}

const MARK_STYLES = { "✓": "green", "✗": "red", "·": "yellow", "?": "yellow" } as const;

interface OutcomeDescription {
  readonly mark: keyof typeof MARK_STYLES;
  readonly sentence: string;
  /** Sentences with the commands to run next; absent if none is needed. */
  readonly next?: readonly string[];
}

function describeOutcome(pipeline: Pipeline, trace: EventTrace, queue: QueueCounts | undefined): OutcomeDescription {
  const { messageId, refusal, attempts } = trace;
  const outcome = outcomeOf(trace);
  const id = positionalWords(messageId);
  if (outcome.state === "not known") return { mark: "?", sentence: `Not known: ${outcome.error.message}` };
  switch (outcome.value) {
    case "stored":
      return { mark: "✓", sentence: "Stored." };
    case "folded":
      return {
        mark: "✓",
        sentence: `Stored. The table has one item for this publication and ${knownValue(trace.table)?.message_id}, which has the same text, ID and time.`,
      };
    case "dead-lettered":
      if (knownValue(trace.deadLetter)?.queue.endsWith("-undelivered")) {
        return {
          mark: "✗",
          sentence:
            "Not delivered: SNS could not deliver it to a subscription. Its queue or stream may not exist, or may deny access to SNS.",
          next: [
            `To see the message: ${pipeline.cliCommand("dlq", "show", "--queue", "undelivered", ...id)}`,
            `After you fix the cause: ${pipeline.cliCommand("dlq", "redrive", "--queue", "undelivered", ...optionWords("id", messageId))}`,
          ],
        };
      }
      return {
        mark: "✗",
        sentence: "In the dead-letter queue, unless it has been redriven or purged since.",
        next: [
          `To see the message: ${pipeline.cliCommand("dlq", "show", ...id)}`,
          `After you fix the cause: ${pipeline.cliCommand("dlq", "redrive", ...optionWords("id", messageId))}`,
        ],
      };
    case "filtered":
      return {
        mark: "·",
        sentence: "Filtered: it does not match the filter policy of the queue's subscription. The archive has it.",
      };
    case "expired":
      return { mark: "·", sentence: "Expired: its item is past its expiry time. The archive has it." };
    case "deleted":
      return {
        mark: "✗",
        sentence: "Deleted: it was stored, but its item is no longer in the table.",
        next: [`To restore it from the archive: ${pipeline.cliCommand("archive", "replay", "--only-missing")}`],
      };
    case "retried":
      return {
        mark: "·",
        sentence: `Failed ${countOf(attempts.length, "time")}. SQS makes it visible again, or moves it to the dead-letter queue after its last receive.`,
      };
    case "waiting":
      return {
        mark: "·",
        sentence: [
          "Archived, but not found in the table, in the dead-letter queue or in the handler's log.",
          ...(queue ? [`The queue has ${queue.visible} visible messages and ${queue.inFlight} in flight.`] : []),
          ...(trace.isUnsubscribed ? ["The topic has no subscription for the queue."] : []),
          ...(refusal ? [`The handler would refuse it: ${refusal.code}.`] : []),
        ].join(" "),
        ...(trace.isUnsubscribed && { next: [`Next: ${pipeline.cliCommand("doctor")}`] }),
        ...(!refusal &&
          !trace.isUnsubscribed && {
            next: [
              `To search a longer time: ${pipeline.cliCommand("events", "show", "--since", "1d", ...id)}`,
              `Once the queue is empty: ${pipeline.cliCommand("archive", "replay", "--only-missing")}`,
            ],
          }),
      };
  }
}

async function printTrace(
  output: Output,
  pipeline: Pipeline,
  trace: EventTrace,
  queue: EventExplanation["queue"],
): Promise<void> {
  const { messageId, eventId, traceId, publishedAt, attempts, key, unreadableTime, log, table, archive, deadLetter } =
    trace;
  const row = (stage: string, ...parts: (string | undefined)[]) =>
    output.line(`  ${output.paint("dim", stage.padEnd(12))}${parts.filter((part) => part !== undefined).join("  ")}`);
  const identity = [key?.event_type, eventId].filter((text) => text !== undefined);
  await output.line([output.paint("bold", messageId), ...identity].join("  "));
  if (traceId !== undefined) await row("trace", traceId);
  if (publishedAt) await row("published", publishedAt.toISOString(), `${formatAge(publishedAt)} ago`);
  const attemptRow = async ({ at, end, receive, code, reason }: HandlerAttempt) => {
    const latency = publishedAt && `+${Math.max(0, at.getTime() - publishedAt.getTime())} ms`;
    await row("handler", at.toISOString(), latency, `receive ${receive}: ${end}`, code, reason);
  };
  for (const same of runsOfSame(attempts)) {
    const [hidden, shown] = same.length > 3 ? [same.length - 2, same.slice(0, 1)] : [0, same.slice(0, -1)];
    for (const attempt of shown) await attemptRow(attempt);
    if (hidden > 0) await row("handler", `… ${hidden} more`);
    for (const attempt of same.slice(-1)) await attemptRow(attempt);
  }
  if (log.state === "not known") await row("handler", "not known");
  if (table.state === "not known") await row("table", "not known");
  if (table.state === "there") {
    const { event_type, timestamp_id, expires_at: expiresAt, mapped_by, subject, attributes, data } = table.value;
    const expiry = expiresAt && `expires ${new Date(expiresAt * 1_000).toISOString().slice(0, 10)}`;
    await row("table", event_type, timestamp_id, expiry || undefined);
    if (mapped_by !== undefined) await row("mapped by", mapped_by);
    if (subject !== undefined) await row("subject", output.cut(subject, 14));
    if (attributes) await row("attributes", output.cut(JSON.stringify(attributes), 14));
    await row("data", output.cut(data, 14));
  }
  if (unreadableTime) await row("time", explainReplacedTime(unreadableTime));
  if (deadLetter.state === "not known") await row("dead letter", "not known");
  if (deadLetter.state === "there") {
    const { queue: name, code, seen, reason } = deadLetter.value;
    const why = name.endsWith("-undelivered")
      ? "SNS could not deliver it"
      : "no code: moved by SQS after its last receive";
    // If only the log says that the message is in the queue, the handler's row has the reason.
    await row("dead letter", name, code ?? why, seen ? reason : undefined);
  }
  if (archive?.state === "there") {
    const { bucket, key: object, index } = archive.value;
    await row("archive", `s3://${bucket}/${object}`, `record ${index + 1}`);
  } else if (archive?.state === "not there") await row("archive", notArchivedText(publishedAt));
  else await row("archive", archive ? "not known" : "not searched");
  const { mark, sentence, next = [] } = describeOutcome(pipeline, trace, queue);
  await output.line(`  ${output.paint(MARK_STYLES[mark], `${mark} ${sentence}`)}`);
  for (const text of next) output.note(text);
}

/** Groups consecutive attempts with the same outcome and reason. */
function runsOfSame(attempts: readonly HandlerAttempt[]): HandlerAttempt[][] {
  const runs: HandlerAttempt[][] = [];
  for (const attempt of attempts) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const isSame = last?.end === attempt.end && last.code === attempt.code && last.reason === attempt.reason;
    if (run && isSame) run.push(attempt);
    else runs.push([attempt]);
  }
  return runs;
}

/** The default and the longest buffering interval of Firehose, in milliseconds. */
const BUFFER_MS = 300_000;
const MAX_BUFFER_MS = 900_000;

function notArchivedText(publishedAt = new Date()): string {
  const untilText = (bufferMs: number) => new Date(publishedAt.getTime() + bufferMs).toISOString();
  const ageMs = Date.now() - publishedAt.getTime();
  if (ageMs > MAX_BUFFER_MS) return "not found, although Firehose buffers for at most 900 s";
  return ageMs > BUFFER_MS
    ? `not archived yet: Firehose buffers for at most 900 s, until ${untilText(MAX_BUFFER_MS)}`
    : `not archived yet: Firehose buffers for up to 300 s by default, until ${untilText(BUFFER_MS)}`;
}
