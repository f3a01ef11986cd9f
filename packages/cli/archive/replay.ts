import type { ReplayResult } from "@event-pipeline/operations/archive/replay";
import type { ReplayCounts } from "@event-pipeline/operations/archive/replay-counts";
import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode, exitCodeOf } from "../action";
import { confirm } from "../confirmation";
import { listNearest } from "../nearest";
import {
  addTimeRangeOptions,
  positiveNumber,
  type TimeRangeOptions,
  timeRangeOf,
  timeRangeText,
} from "../option-values";
import { countOf, type Output, startRateFormatter } from "../output";
import { UnreadableNotes } from "./unreadable-notes";

interface ReplayCommandOptions extends TimeRangeOptions {
  readonly type?: string;
  readonly onlyMissing?: boolean;
  readonly includeRefused?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly rate?: number;
  readonly resume?: string;
}

export function addReplayCommand(archive: Command, action: CreateAction): void {
  const command = archive
    .command("replay")
    .description("Send archived events to the queue again; their items keep the same keys, so no event is stored twice")
    .option("--type <type>", "Only events of this type")
    .option("--only-missing", "Only events that are not in the table")
    .option("--include-refused", "Also send events that the handler refuses; they return to the dead-letter queue")
    .option("--rate <n>", "Maximum number of events per second (default: no limit)", positiveNumber)
    .option("--resume <file>", "Save the position in this file; the same command later resumes there (default: none)")
    .option("--dry-run", "Count the events; send nothing")
    .option("--yes", "Skip the confirmation")
    .action(action<ReplayCommandOptions>(run));
  addTimeRangeOptions(command, "published");
}

async function run(session: CommandSession, options: ReplayCommandOptions): Promise<ExitCode> {
  const { io, output, signal, pipeline, commandLine } = session;
  const { type, onlyMissing, includeRefused, dryRun, yes, rate, resume } = options;
  const timeRange = timeRangeOf(options);
  if (resume !== undefined && timeRange.until && timeRange.until > new Date()) {
    throw new UsageError(
      `Invalid --until ${timeRange.until.toISOString()}: it is in the future. With --resume, give a time that has passed.`,
    );
  }
  const which = `${onlyMissing ? "missing" : "archived"} events${type === undefined ? "" : ` of type ${type}`}`;
  if (!dryRun && !yes && !(await confirm(io, `Send the ${which} ${timeRangeText(timeRange)} to the queue?`))) {
    output.note("Nothing was sent.");
    return EXIT_CODES.failed;
  }
  const { replay, resolveReplayRoute } = await import("@event-pipeline/operations/archive/replay");
  const unreadable = new UnreadableNotes(output, pipeline().awsCli);
  const perSecond = startRateFormatter();
  const result = await output.progress(
    (state = "reading the archive") => state,
    async (report: (state: string) => void) =>
      replay(await resolveReplayRoute(pipeline()), {
        ...timeRange,
        type,
        onlyMissing,
        includeRefused,
        dryRun,
        rate,
        // A dry run must not save a position, because a later replay would skip events.
        resume: dryRun ? undefined : resume,
        signal,
        onUnreadable: unreadable.add,
        onState: ({ counts, failures }) => {
          report(`${counts.sent} sent, ${notSent(counts)} not sent, ${perSecond(counts.sent)}`);
          for (const { position, messageId, reason } of failures) {
            output.note(`${messageId} in ${position.key} was not sent: ${reason}`);
          }
        },
      }),
  );
  unreadable.printTotal();
  await printResult(output, result, dryRun === true, perSecond(result.counts.sent));
  const { counts, stoppedBy, isFinished, otherTypes } = result;
  if (stoppedBy) output.note(stoppedBy.message);
  if (signal.aborted) output.note("Interrupted.");
  const isOnlyDamage = unreadable.areDamaged && counts.failed + counts.twoTexts === 0 && !stoppedBy && !signal.aborted;
  if (!isFinished && isOnlyDamage) {
    output.note("The replay is not complete: only the damaged data is left.");
  } else if (!isFinished && counts.twoTexts > 0 && counts.failed === 0 && !stoppedBy && !signal.aborted) {
    output.note(
      `The replay is not complete, and another one would not change that: ${countOf(counts.twoTexts, "event")} would overwrite other data. See docs/operations.md, Two texts under one MessageId.`,
    );
  } else if (!isFinished) {
    output.note(
      resume === undefined || dryRun
        ? `The replay is not complete. Run it again; no event is stored twice: ${commandLine()}`
        : `The replay is not complete. To continue: ${commandLine()}`,
    );
  } else if (!dryRun && counts.sent > 0) {
    output.note(`To see when the queue is empty: ${pipeline().cliCommand("status")}`);
    output.note(`Then compare the archive with the table: ${pipeline().cliCommand("reconcile")}`);
  }
  if (type !== undefined && otherTypes) {
    const types = otherTypes.size === 0 ? "" : ` The types in the archive: ${listNearest(type, [...otherTypes])}.`;
    output.note(`No archived event ${timeRangeText(timeRange)} has the type ${type}.${types}`);
    return EXIT_CODES.failed;
  }
  return exitCodeOf(isFinished, stoppedBy ?? unreadable.denied);
}

function notSent({ sent: _, unconfirmed: __, ...others }: ReplayCounts): number {
  return Object.values(others).reduce((sum, count) => sum + count, 0);
}

const REASONS: Readonly<Record<Exclude<keyof ReplayCounts, "sent" | "unconfirmed">, string>> = {
  stored: "already in the table",
  filtered: "filtered out by the queue's filter policy",
  expired: "expired",
  refused: "refused by the handler (to send them, give --include-refused)",
  otherType: "of another type",
  twoTexts: "two texts under one MessageId (docs/operations.md, Two texts under one MessageId)",
  failed: "rejected by the queue",
};

async function printResult(output: Output, result: ReplayResult, isDryRun: boolean, rate: string): Promise<void> {
  const { counts, until, archivedUntil, wasFinished, isTtlUnknown } = result;
  if (output.json) {
    const { otherType, twoTexts, sent, unconfirmed, ...others } = counts;
    await output.record({
      [isDryRun ? "would_send" : "sent"]: sent,
      ...others,
      other_type: otherType,
      two_texts: twoTexts,
      ...(unconfirmed > 0 && { perhaps_sent: unconfirmed }),
      until,
      archived_until: archivedUntil,
      finished: result.isFinished,
    });
  }
  if (isTtlUnknown) {
    output.note(
      "The expiry of events is unknown, because neither the function's configuration nor an item in the table has it. Expired events are included.",
    );
  }
  if (wasFinished) output.note("This replay has already finished. To run it again, delete the --resume file.");
  if (isDryRun) output.note(`${countOf(counts.sent, "event")} would be sent. Nothing was sent.`);
  else output.note(wasFinished ? `${counts.sent} sent by the earlier run.` : `${counts.sent} sent, ${rate}.`);
  if (counts.unconfirmed > 0) {
    output.note(
      `${counts.unconfirmed} may have been sent, because the response was lost. The next run sends them again; no event is stored twice.`,
    );
  }
  for (const [name, reason] of Object.entries(REASONS) as [keyof typeof REASONS, string][]) {
    if (counts[name] > 0) output.note(`${counts[name]} not sent: ${reason}.`);
  }
  output.note(`Events that Firehose archived after ${archivedUntil.toISOString()} may not be included.`);
}
