import { eventIdOf } from "@event-pipeline/event-model/item/key";
import type { ReconcileFinding, ReconcileResult } from "@event-pipeline/operations/reconcile/reconcile";
import type { Tally } from "@event-pipeline/operations/reconcile/tally";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode } from "./action";
import { UnreadableNotes } from "./archive/unreadable-notes";
import { addTimeRangeOptions, type TimeRangeOptions, timeRangeOf, timeRangeText } from "./option-values";
import { countOf, type Output, startRateFormatter } from "./output";

type ReconcileCommandOptions = TimeRangeOptions & { readonly compareData?: boolean };

export function addReconcileCommand(program: Command, action: CreateAction): void {
  const command = program
    .command("reconcile")
    .description("Look up every archived event in the table, and explain why events are not there")
    .option("--compare-data", "Also compare the stored data with the published data")
    .addHelpText(
      "after",
      `
Exit codes: 0 every event is stored or explained, 1 events are missing or differ, 3 part of the
archive could not be read.`,
    )
    .action(action<ReconcileCommandOptions>(run));
  addTimeRangeOptions(command, "published");
}

async function run(
  session: CommandSession,
  { compareData = false, ...options }: ReconcileCommandOptions,
): Promise<ExitCode> {
  const { output, signal, pipeline } = session;
  const timeRange = timeRangeOf(options);
  const { reconcile, resolveReconcileSources } = await import("@event-pipeline/operations/reconcile/reconcile");
  const unreadable = new UnreadableNotes(output);
  const perSecond = startRateFormatter();
  const result = await output.progress(
    (archived = 0) => `${archived} looked up, ${perSecond(archived)}`,
    async (report: (archived: number) => void) =>
      reconcile(await resolveReconcileSources(pipeline()), {
        timeRange: { ...timeRange, until: timeRange.until ?? new Date() },
        compareData,
        signal,
        onUnreadable: unreadable.add,
        onProgress: ({ total }) => report(total.archived),
      }),
  );
  unreadable.printTotal();
  await (output.json ? printJson(output, result) : printText(output, result));
  const { total } = result.tallies;
  if (result.isTtlUnknown && total.missing > 0) {
    output.note(
      "The expiry of events is unknown, because the function's configuration is not accessible and the table is empty. Expired events count as missing.",
    );
  }
  output.note(
    `${countOf(total.archived, "archived event")} ${timeRangeText(timeRange)}, ${perSecond(total.archived)}.`,
  );
  return conclude(output, result, unreadable.count, signal.aborted);
}

/** Prints the next steps, and returns the exit code. */
function conclude(
  output: Output,
  { tallies, findings }: ReconcileResult,
  unreadable: number,
  isInterrupted: boolean,
): ExitCode {
  const { archived, missing, different, waiting, deadLettered } = tallies.total;
  if (isInterrupted) {
    output.note("Interrupted. The remaining events were not looked up.");
    return EXIT_CODES.partly;
  }
  if (waiting > 0) {
    output.note(
      `${countOf(waiting, "event")} may still be in the queue. When the queue is empty (event-pipeline status), reconcile again.`,
    );
  }
  if (deadLettered > 0)
    output.note(`${countOf(deadLettered, "event")} in the dead-letter queue. Next: event-pipeline dlq list`);
  if (missing > 0)
    output.note(`${countOf(missing, "event")} missing. Next: event-pipeline archive replay --only-missing`);
  if (different > 0) adviseOnDifferent(output, different, findings);
  if (missing + different > 0) return EXIT_CODES.failed;
  output.note(
    archived > 0
      ? "Every event is stored or explained."
      : "No archived events found. Firehose buffers for up to five minutes. To see the newest object: event-pipeline status",
  );
  return unreadable > 0 ? EXIT_CODES.partly : EXIT_CODES.ok;
}

/** Prints how to fix different data. A replay fixes only items whose key ends in a digest of the published text. */
function adviseOnDifferent(output: Output, different: number, findings: readonly ReconcileFinding[]): void {
  const hasOwnId = findings.filter(({ what }) => what === "different").map(({ key }) => eventIdOf(key) !== undefined);
  output.note(`${countOf(different, "event")} stored with different data.`);
  if (hasOwnId.includes(true)) output.note("To fix the events that have their own ID: event-pipeline archive replay");
  if (hasOwnId.includes(false)) {
    output.note(
      "Events without their own ID have two texts under one MessageId, or their item was changed. A replay does not fix them. See docs/operations.md, Two texts under one MessageId.",
    );
  }
}

const COLUMNS = [
  ["archived", "ARCHIVED"],
  ["stored", "STORED"],
  ["folded", "FOLDED"],
  ["refused", "REFUSED"],
  ["filtered", "FILTERED"],
  ["expired", "EXPIRED"],
  ["deadLettered", "DEAD"],
  ["waiting", "WAITING"],
  ["missing", "MISSING"],
  ["different", "DIFFERENT"],
] as const satisfies readonly (readonly [keyof Tally, string])[];
const ALWAYS_SHOWN: readonly string[] = ["archived", "stored", "missing"];

/** The maximum number of findings that are printed as text. With `--json`, all are printed. */
const MAX_PRINTED = 20;

async function printText(output: Output, { tallies, findings }: ReconcileResult): Promise<void> {
  const { total } = tallies;
  const columns = COLUMNS.filter(([name]) => total[name] > 0 || ALWAYS_SHOWN.includes(name));
  const row = (type: string, tally: Tally) => [...columns.map(([name]) => String(tally[name])), type];
  if (total.archived > 0) {
    await output.table(
      [...columns.map(([, head]) => head), "TYPE"],
      [...tallies.all.map(([type, tally]) => row(type, tally)), row("total", total)],
    );
  }
  const wrong = findings.filter(({ what }) => what === "missing" || what === "different");
  if (wrong.length === 0) return;
  await output.line();
  await output.table(
    ["WHAT", "PUBLISHED", "MESSAGE ID", "KEY"],
    wrong.slice(0, MAX_PRINTED).map(({ what, publishedAt, messageId, key: { event_type, timestamp_id } }) => {
      return [what, publishedAt.toISOString(), messageId, `${event_type} ${timestamp_id}`];
    }),
  );
  if (wrong.length > MAX_PRINTED) output.note(`${wrong.length - MAX_PRINTED} more. To print all, give --json.`);
}

async function printJson(output: Output, { tallies, findings }: ReconcileResult): Promise<void> {
  for (const { what, code, key, messageId, publishedAt, position } of findings) {
    await output.record({
      kind: "event",
      what,
      error_code: code,
      ...key,
      message_id: messageId,
      published_at: publishedAt,
      object: position.key,
    });
  }
  const record = ({ deadLettered, ...tally }: Tally) => ({ ...tally, dead_lettered: deadLettered });
  for (const [type, tally] of tallies.all) await output.record({ kind: "type", event_type: type, ...record(tally) });
  await output.record({ kind: "total", ...record(tallies.total) });
}
