import { eventIdOf } from "@event-pipeline/operations/events/event-key-parts";
import type { Finding, Reconciled } from "@event-pipeline/operations/reconcile/reconcile";
import type { ReconciledWith } from "@event-pipeline/operations/reconcile/reconcile-with";
import type { Tally } from "@event-pipeline/operations/reconcile/tally";
import type { Command } from "commander";
import { action, type Session } from "./action";
import { UnreadableNotes } from "./archive/unreadable";
import { EXIT_CODES, type ExitCode } from "./exit-codes";
import type { Output } from "./output";
import { Progress } from "./progress";
import { addSpanOptions, type SpanOptions, saidSpan, spanOf } from "./span-options";

interface ReconcileOptions extends SpanOptions {
  readonly compareData?: boolean;
}

export function addReconcile(program: Command): void {
  const command = program
    .command("reconcile")
    .description("look for every archived event in the table, and for why one is not there")
    .option("--compare-data", "also compare what is stored with what was published")
    .addHelpText(
      "after",
      `
Exit codes: 0 every event is stored or explained, 1 some are not, 3 some of the archive could not
be read.`,
    )
    .action(action<ReconcileOptions>(run));
  addSpanOptions(command);
}

async function run(session: Session, { compareData = false, ...options }: ReconcileOptions): Promise<ExitCode> {
  const { output, signal } = session;
  const span = spanOf(options);
  const { reconcileWith } = await import("@event-pipeline/operations/reconcile/reconcile-with");
  const unreadable = new UnreadableNotes(output);
  const start = performance.now();
  let archived = 0;
  const perSecond = () => (archived / ((performance.now() - start) / 1_000)).toFixed(0);
  const progress = new Progress(output, () => `${archived} looked up, ${perSecond()}/s`);
  let reconciled: ReconciledWith;
  try {
    reconciled = await reconcileWith(session.pipeline(), {
      span: { ...span, until: span.until ?? new Date() },
      compareData,
      signal,
      onUnreadable: unreadable.add,
      onProgress: (tallies) => {
        archived = tallies.total.archived;
      },
    });
  } finally {
    progress.end();
  }
  unreadable.end();
  await (output.json ? reportJson(output, reconciled) : reportText(output, reconciled));
  const { total } = reconciled.tallies;
  if (reconciled.isTtlUnknown && total.missing > 0) {
    output.note(
      "When events expire is not known: the function cannot be asked, and no item says. Expired ones count as missing.",
    );
  }
  output.note(`${total.archived} archived events ${saidSpan(span)}, ${perSecond()}/s.`);
  return judge(output, reconciled, { unreadable: unreadable.count, interrupted: signal.aborted });
}

function judge(
  output: Output,
  { tallies, findings }: Reconciled,
  { unreadable, interrupted }: { unreadable: number; interrupted: boolean },
): ExitCode {
  const { archived, missing, different, waiting, deadLettered } = tallies.total;
  if (interrupted) {
    output.note("Interrupted: the rest was not looked up.");
    return EXIT_CODES.partly;
  }
  if (waiting > 0)
    output.note(`${waiting} may wait in the queue: reconcile again when it is empty (event-pipeline status).`);
  if (deadLettered > 0) output.note(`${deadLettered} are dead letters. Next: event-pipeline dlq list`);
  if (missing > 0) output.note(`${missing} are missing. Next: event-pipeline archive replay --only-missing`);
  if (different > 0) adviseOn(output, different, findings);
  if (missing + different > 0) return EXIT_CODES.failed;
  output.note(
    archived > 0
      ? "Every event is stored or explained."
      : "Nothing was looked up. Firehose gathers for up to five minutes. See: event-pipeline status",
  );
  return unreadable > 0 ? EXIT_CODES.partly : EXIT_CODES.ok;
}

/** A key that ends in a digest says which data is right; one with a MessageId does not. */
function adviseOn(output: Output, different: number, findings: readonly Finding[]): void {
  const hasOwnId = findings.filter(({ what }) => what === "different").map(({ key }) => eventIdOf(key) !== undefined);
  output.note(`${different} are stored with other data than is archived.`);
  if (hasOwnId.includes(true)) output.note("Those with an id of their own: event-pipeline archive replay");
  if (hasOwnId.includes(false)) {
    output.note(
      "Those without: two texts under one MessageId, or an item that was changed. A replay leaves them as they are: docs/operations.md, Two texts under one MessageId",
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

/** Findings that are shown to a person; programs get all. */
const MAX_SHOWN = 20;

async function reportText(output: Output, { tallies, findings }: Reconciled): Promise<void> {
  // Columns of nothing but zeros say nothing.
  const { total } = tallies;
  const columns = COLUMNS.filter(([name]) => total[name] > 0 || ["archived", "stored", "missing"].includes(name));
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
  await output.table(["WHAT", "PUBLISHED", "MESSAGE ID", "KEY"], wrong.slice(0, MAX_SHOWN).map(rowOf));
  if (wrong.length > MAX_SHOWN) output.note(`And ${wrong.length - MAX_SHOWN} more; --json has them.`);
}

function rowOf({ what, publishedAt, messageId, key }: Finding): string[] {
  return [what, publishedAt.toISOString(), messageId, `${key.event_type} ${key.timestamp_id}`];
}

async function reportJson(output: Output, { tallies, findings }: Reconciled): Promise<void> {
  for (const { what, code, key, messageId, publishedAt, place } of findings) {
    await output.record({
      kind: "event",
      what,
      ...(code !== undefined && { error_code: code }),
      ...key,
      message_id: messageId,
      published_at: publishedAt.toISOString(),
      object: place.key,
    });
  }
  for (const [type, tally] of tallies.all) await output.record({ kind: "type", event_type: type, ...recordOf(tally) });
  await output.record({ kind: "total", ...recordOf(tallies.total) });
}

function recordOf({ deadLettered, ...tally }: Tally): object {
  return { ...tally, dead_lettered: deadLettered };
}
