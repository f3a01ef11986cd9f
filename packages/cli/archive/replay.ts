import type { ReplayCounts } from "@event-pipeline/operations/archive/replay";
import type { ReplayEnd } from "@event-pipeline/operations/archive/replay-to";
import type { Command } from "commander";
import { action, type Session } from "../action";
import { agreed } from "../confirm";
import { EXIT_CODES, type ExitCode } from "../exit-codes";
import { positiveNumber } from "../option-values";
import type { Output } from "../output";
import { Progress } from "../progress";
import { addSpanOptions, type SpanOptions, saidSpan, spanOf } from "../span-options";
import { UnreadableNotes } from "./unreadable";

interface ReplayOptions extends SpanOptions {
  readonly type?: string;
  readonly onlyMissing?: boolean;
  readonly includeRefused?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly rate?: number;
  readonly resume?: string;
}

export function addReplay(archive: Command): void {
  const command = archive
    .command("replay")
    .description("send archived events to the queue again; they get the same keys, so nothing doubles")
    .option("--type <type>", "only of that type")
    .option("--only-missing", "only what the table lacks")
    .option("--include-refused", "also what the handler refuses: it ends in the dead-letter queue again")
    .option("--rate <n>", "events a second, at most", positiveNumber)
    .option("--resume <file>", "keep in that file how far it is, and go on from there")
    .option("--dry-run", "only say what would be sent")
    .option("--yes", "do not ask")
    .action(action<ReplayOptions>(run));
  addSpanOptions(command);
}

async function run(session: Session, options: ReplayOptions): Promise<ExitCode> {
  const { output, signal } = session;
  const { type, onlyMissing, includeRefused, dryRun, yes, rate, resume } = options;
  const span = spanOf(options);
  const what = `${onlyMissing ? "the archived events that the table lacks" : "the archived events"} ${saidSpan(span)}${type === undefined ? "" : ` of the type ${type}`}`;
  if (!dryRun && !(await agreed(`Send ${what} to the queue?`, yes))) {
    output.note("Nothing was sent.");
    return EXIT_CODES.failed;
  }
  const { replayTo } = await import("@event-pipeline/operations/archive/replay-to");
  const unreadable = new UnreadableNotes(output);
  const start = performance.now();
  let counts: ReplayCounts | undefined;
  const perSecond = (count: number) => (count / ((performance.now() - start) / 1_000)).toFixed(0);
  const progress = new Progress(output, () =>
    counts ? `${counts.sent} sent, ${skipped(counts)} not, ${perSecond(counts.sent)}/s` : "reading the archive",
  );
  let end: ReplayEnd;
  try {
    end = await replayTo(session.pipeline(), {
      ...span,
      type,
      onlyMissing,
      includeRefused,
      dryRun,
      rate,
      // A dry run sends nothing that a later one could skip.
      resume: dryRun ? undefined : resume,
      signal,
      onUnreadable: unreadable.add,
      onState: (state) => {
        ({ counts } = state);
        for (const { place, messageId, reason } of state.failures) {
          output.note(`${messageId} in ${place.key} is not sent: ${reason}`);
        }
      },
    });
  } finally {
    progress.end();
  }
  unreadable.end();
  await report(output, end, { dryRun, perSecond: perSecond(end.counts.sent) });
  if (signal.aborted) {
    output.note(
      resume === undefined
        ? "Interrupted. A replay may be run again: nothing doubles."
        : `Interrupted. The same command goes on from there.`,
    );
    return EXIT_CODES.partly;
  }
  if (!dryRun && end.counts.sent > 0)
    output.note("Once the queue is empty (event-pipeline status): event-pipeline reconcile");
  return end.counts.failed + end.counts.twoTexts + unreadable.count > 0 ? EXIT_CODES.partly : EXIT_CODES.ok;
}

function skipped({ sent: _, ...others }: ReplayCounts): number {
  return Object.values(others).reduce((sum, count) => sum + count, 0);
}

const WHY_NOT: Readonly<Record<Exclude<keyof ReplayCounts, "sent">, string>> = {
  stored: "the table has them",
  filtered: "the queue's filter policy leaves them out",
  expired: "they have expired",
  refused: "the handler refuses them (--include-refused sends them too)",
  otherType: "they are of other types",
  twoTexts: "two texts are under their MessageId (docs/operations.md, Two texts under one MessageId)",
  failed: "the queue does not take them",
};

async function report(
  output: Output,
  { counts, until, wasFinished, isTtlUnknown }: ReplayEnd,
  { dryRun, perSecond }: { dryRun: boolean | undefined; perSecond: string },
): Promise<void> {
  if (output.json) {
    const { otherType, twoTexts, sent, ...others } = counts;
    await output.record({
      [dryRun ? "would_send" : "sent"]: sent,
      ...others,
      other_type: otherType,
      two_texts: twoTexts,
      until: until.toISOString(),
    });
  }
  if (isTtlUnknown) {
    output.note(
      "When events expire is not known: the function cannot be asked, and no item says. Expired ones are among them.",
    );
  }
  if (wasFinished) output.note("This replay has ended before; to run it once more, delete its file.");
  output.note(
    dryRun
      ? `${counts.sent} would be sent. Nothing was.`
      : `${counts.sent} sent${wasFinished ? " then" : `, ${perSecond}/s`}.`,
  );
  for (const [name, why] of Object.entries(WHY_NOT) as [keyof typeof WHY_NOT, string][]) {
    if (counts[name] > 0) output.note(`${counts[name]} not sent: ${why}.`);
  }
}
