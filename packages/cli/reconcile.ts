import { eventIdOf } from "@event-pipeline/event-model/item/key";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import type { ReconcileFinding, ReconcileResult } from "@event-pipeline/operations/reconcile/reconcile";
import type { Tally } from "@event-pipeline/operations/reconcile/tally";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode, exitCodeOf } from "./action";
import { UnreadableNotes } from "./archive/unreadable-notes";
import { addTimeRangeOptions, type TimeRangeOptions, timeRangeOf, timeRangeText } from "./option-values";
import { countOf, type Output, startRateFormatter } from "./output";

type ReconcileCommandOptions = TimeRangeOptions & { readonly compareData?: boolean };

export function addReconcileCommand(program: Command, action: CreateAction): void {
  const command = program
    .command("reconcile")
    .summary("Look up every archived event in the table")
    .description("Look up every archived event in the table, and explain why events are not there")
    .option("--compare-data", "Also compare the stored data with the published data")
    .addHelpText(
      "after",
      `
An event is explained if it is refused by the deployed contracts, filtered by the current policy, expired, or a dead letter.
Exit codes: 0 every archived event is stored or explained, 1 events are missing or differ, 3 events may still be in the queue, or something could not be read.`,
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
  const unreadable = new UnreadableNotes(output, pipeline().awsCli);
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
  const { archived } = result.tallies.total;
  output.note(`${countOf(archived, "archived event")} ${timeRangeText(timeRange)}, ${perSecond(archived)}.`);
  return conclude(session, result, unreadable);
}

/** Prints the next steps, and returns the exit code. */
function conclude(
  { output, signal, pipeline, commandLine }: CommandSession,
  { tallies, findings, notKnown, notArchived, stoppedBy }: ReconcileResult,
  unreadable: UnreadableNotes,
): ExitCode {
  const isInterrupted = signal.aborted;
  const { archived, missing, different, waiting, deadLettered, unexplained, formerKey } = tallies.total;
  for (const sentence of notKnown) output.note(sentence);
  if (stoppedBy) output.note(stoppedBy.message);
  if (isInterrupted) output.note("Interrupted.");
  if (stoppedBy || isInterrupted || unreadable.count + notKnown.length > 0) {
    output.note("The reconcile is not complete.");
  }
  if (unexplained > 0) {
    output.note(
      `${countOf(unexplained, "event")} not in the table, for a reason that was not looked up or is not known.`,
    );
  }
  if (waiting > 0) {
    output.note(
      `${countOf(waiting, "event")} may still be in the queue. Reconcile again when it is empty. To see its count: ${pipeline().cliCommand("status")}`,
    );
  }
  if (deadLettered > 0)
    output.note(
      `${countOf(deadLettered, "event")} in the dead-letter queue. Next: ${pipeline().cliCommand("dlq", "list")}`,
    );
  if (formerKey > 0) {
    output.note(
      `${countOf(formerKey, "event")} stored under the key of an earlier handler, which had another mapping or did not read numbers as times. A replay creates second items, unless it has --only-missing.`,
    );
  }
  if (missing > 0)
    output.note(
      `${countOf(missing, "event")} missing. Next: ${pipeline().cliCommand("archive", "replay", "--only-missing")}`,
    );
  if (different > 0) adviseOnDifferent(output, different, findings, pipeline());
  if (notArchived) {
    output.note(
      `The archive is not complete: it ${archived > 0 ? "has no later event" : "has none"}, but the handler stored an event that was published at ${notArchived.toISOString()}. Firehose archives within five minutes by default. If the archive stays as it is, run: ${pipeline().cliCommand("doctor")}`,
    );
  }
  const mayChange = unexplained + waiting + notKnown.length > 0 || notArchived || stoppedBy || isInterrupted;
  const isWhole = !mayChange && unreadable.count === 0;
  if (mayChange || !(isWhole || unreadable.areDamaged)) output.note(`To reconcile again: ${commandLine()}`);
  if (missing + different > 0 && !stoppedBy && !unreadable.denied) return EXIT_CODES.failed;
  if (isWhole) {
    output.note(
      archived > 0
        ? "Every archived event is stored or explained. Gaps before the newest archived event are not looked for."
        : `No archived events found. Firehose buffers for up to five minutes by default. To see the newest object: ${pipeline().cliCommand("status")}`,
    );
  }
  return exitCodeOf(isWhole, stoppedBy ?? unreadable.denied);
}

/** Prints how to fix different data. A replay writes over an item only if it has the event's present key. */
function adviseOnDifferent(
  output: Output,
  different: number,
  findings: readonly ReconcileFinding[],
  pipeline: Pipeline,
): void {
  const found = findings.filter(({ what }) => what === "different");
  const [former, present] = [found.filter((each) => each.isFormerKey), found.filter((each) => !each.isFormerKey)];
  const hasOwnId = present.map(({ key }) => eventIdOf(key) !== undefined);
  output.note(`${countOf(different, "event")} stored with different data.`);
  if (hasOwnId.includes(true)) {
    output.note(`To fix the events that have their own ID: ${pipeline.cliCommand("archive", "replay")}`);
  }
  if (hasOwnId.includes(false)) {
    output.note(
      "Events without their own ID have two texts under one MessageId, or their item was changed. A replay does not fix them. See docs/operations.md, Two texts under one MessageId.",
    );
  }
  if (former.length > 0) {
    output.note(
      `${former.length} of these under the key of an earlier handler. A replay does not fix them. Delete each such item by its key, then run: ${pipeline.cliCommand("archive", "replay", "--only-missing")}`,
    );
  }
}

const COLUMNS = [
  ["archived", "ARCHIVED"],
  ["stored", "STORED"],
  ["folded", "FOLDED"],
  ["formerKey", "FORMER KEY"],
  ["refused", "REFUSED"],
  ["filtered", "FILTERED"],
  ["expired", "EXPIRED"],
  ["deadLettered", "DEAD"],
  ["waiting", "WAITING"],
  ["missing", "MISSING"],
  ["unexplained", "UNEXPLAINED"],
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
  const wrong = findings.filter(({ what }) => ["missing", "unexplained", "different"].includes(what));
  if (wrong.length === 0) return;
  await output.line();
  await output.table(
    ["WHAT", "PUBLISHED", "MESSAGE ID", "KEY"],
    wrong.slice(0, MAX_PRINTED).map(({ what, isFormerKey, publishedAt, messageId, key }) => {
      const { event_type, timestamp_id } = key;
      return [
        isFormerKey ? `${what}, former key` : what,
        publishedAt.toISOString(),
        messageId,
        `${event_type} ${timestamp_id}`,
      ];
    }),
  );
  if (wrong.length > MAX_PRINTED) output.note(`${wrong.length - MAX_PRINTED} more. To print all, give --json.`);
}

async function printJson(output: Output, { tallies, findings }: ReconcileResult): Promise<void> {
  for (const { what, code, key, isFormerKey, messageId, publishedAt, position } of findings) {
    await output.record({
      kind: "event",
      what,
      error_code: code,
      ...key,
      ...(isFormerKey && { former_key: true }),
      message_id: messageId,
      published_at: publishedAt,
      object: position.key,
    });
  }
  const record = ({ deadLettered, formerKey, ...tally }: Tally) => {
    return { ...tally, former_key: formerKey, dead_lettered: deadLettered };
  };
  for (const [type, tally] of tallies.all) await output.record({ kind: "type", event_type: type, ...record(tally) });
  await output.record({ kind: "total", ...record(tallies.total) });
}
