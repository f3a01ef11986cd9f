import type { RedriveResult } from "@event-pipeline/operations/dlq/redrive";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode } from "../action";
import { confirm } from "../confirmation";
import { positiveNumber } from "../option-values";
import { countOf } from "../output";
import {
  addWaitOption,
  type DeadLetterOptions,
  filterWords,
  LEASED_MESSAGES,
  notePeek,
  noteRest,
  noteUnmatched,
  peek,
  waitMs,
} from "./peek";

interface RedriveCommandOptions extends DeadLetterOptions {
  readonly rate?: number;
  /** The number of seconds to wait, or true for the default. */
  readonly wait?: number | true;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export function addRedriveCommand(dlq: Command, action: CreateAction): Command {
  const command = dlq
    .command("redrive")
    .description("Send dead letters back to their original queue, and delete them from the dead-letter queue")
    .option("--rate <n>", "Maximum number of messages per second (default: no limit)", positiveNumber);
  addWaitOption(command, "--wait", "the messages' outcome");
  addWaitOption(command, "--wait-for-leases", LEASED_MESSAGES);
  return command
    .option("--dry-run", "Count the matching messages; send nothing")
    .option("--yes", "Skip the confirmation")
    .action(action<RedriveCommandOptions>(run));
}

async function run(session: CommandSession, options: RedriveCommandOptions): Promise<ExitCode> {
  const { io, output, signal, pipeline } = session;
  const { queue, rate, wait, waitForLeases, yes, dryRun, code, type, id, since } = options;
  if (dryRun) return countMatching(session, options);
  if (!yes && !(await confirm(io, `Redrive ${filterText(options)} from the dead-letter queue ${queue}?`))) {
    output.note("Nothing was sent.");
    return EXIT_CODES.failed;
  }
  const { redrive, resolveRedriveRoute } = await import("@event-pipeline/operations/dlq/redrive");
  const result = await output.progress(
    (state = "receiving") => state,
    async (report: (state: string) => void) =>
      redrive(await resolveRedriveRoute(pipeline(), queue), {
        filter: { code, type, id, since },
        rate,
        signal,
        waitMs: waitMs(wait),
        waitForLeasesMs: waitMs(waitForLeases),
        onProgress: ({ seen, sent }) => report(`${seen} received, ${sent} sent`),
        onOutcome: ({ stored, pending }) => report(`${stored} stored, waiting for ${pending}`),
      }),
  );
  return printResult(session, result, options);
}

async function countMatching(session: CommandSession, options: DeadLetterOptions): Promise<ExitCode> {
  const { output } = session;
  const refused = new Map<string, number>();
  const result = await peek(session, options, (message, { codeNow }) => {
    const now = codeNow?.(message);
    if (now !== undefined) refused.set(now, (refused.get(now) ?? 0) + 1);
  });
  if (output.json) await output.record({ would_send: result.matched, ...refusedRecord(refused) });
  output.note(`${countOf(result.matched, "message")} would be sent. Nothing was sent.`);
  for (const [code, count] of refused) output.note(`The handler still refuses ${count} of them: ${code}.`);
  return noteUnmatched(session, options, result, result.matched, notePeek(session, result));
}

function refusedRecord(refused: ReadonlyMap<string, number>) {
  return refused.size > 0 && { refused: Object.fromEntries(refused) };
}

function filterText({ code, type, id, since }: DeadLetterOptions): string {
  const parts = [
    code !== undefined && `the code ${code}`,
    type !== undefined && `the type ${type}`,
    id !== undefined && `the id ${id}`,
    since && `a send time since ${since.toISOString()}`,
  ].filter(Boolean);
  return parts.length === 0 ? "all messages" : `the messages with ${parts.join(", ")}`;
}

async function printResult(
  session: CommandSession,
  result: RedriveResult,
  options: DeadLetterOptions,
): Promise<ExitCode> {
  const { output, pipeline } = session;
  const {
    sent,
    deleted,
    unconfirmed,
    leaseLost,
    seen,
    notSeen,
    stillLeased,
    failures,
    refused,
    returned,
    outcome,
    stoppedBy,
  } = result;
  const notDeleted = sent - deleted;
  if (output.json) {
    await output.record({
      sent,
      deleted,
      seen,
      not_seen: notSeen,
      failed: Object.fromEntries(failures),
      ...(notDeleted > 0 && { also_still_there: notDeleted }),
      ...(unconfirmed > 0 && { perhaps_sent: unconfirmed }),
      ...(leaseLost > 0 && { taken_by_others: leaseLost }),
      ...(stillLeased > 0 && { still_leased: stillLeased, leased_until: result.leasedUntil }),
      ...outcome,
      ...(!outcome && refusedRecord(refused)),
      came_back: Object.fromEntries(returned),
      ...(stoppedBy && { stopped_by: stoppedBy.message }),
    });
  }
  output.note(`${sent} of ${countOf(seen, "message")} sent.`);
  if (notDeleted > 0) {
    // A request without permission has no effect. After any other error, SQS may have deleted the messages.
    const are = stoppedBy?.kind === "credentials" ? "are" : "may be";
    output.note(
      `${notDeleted} of these not deleted: they ${are} in the dead-letter queue too. The next redrive sends them again; no event is stored twice.`,
    );
  }
  if (unconfirmed > 0) {
    output.note(
      `${unconfirmed} may have been sent, because the response was lost. They stay in the dead-letter queue. The next redrive sends them again: no event is stored twice, but a refused event may return several times.`,
    );
  }
  for (const [reason, count] of failures) output.note(`${count} still in the dead-letter queue: ${reason}`);
  if (leaseLost > 0) output.note(`${leaseLost} not sent, because another consumer may have received them.`);
  if (outcome) {
    if (outcome.stored > 0 || outcome.consumed === 0) output.note(`${outcome.stored} stored.`);
    if (outcome.consumed > 0) output.note(`${outcome.consumed} consumed.`);
    if (outcome.pending > 0) {
      const state = stoppedBy ? "The outcome is not known" : "Still in the queue, or expired";
      output.note(
        `${state}: ${countOf(outcome.pending, "message")}. To see the queue's count: ${pipeline().cliCommand("status")}`,
      );
    }
  }
  if (!outcome)
    for (const [code, count] of refused) output.note(`The handler still refuses ${count} of them: ${code}.`);
  for (const [code, count] of returned) output.note(`${count} returned to the dead-letter queue: ${code}.`);
  if (returned.size > 0) {
    output.note(`To see why: ${pipeline().cliCommand("dlq", "list", ...filterWords({ queue: options.queue }))}`);
  }
  const undone = failures.size + returned.size + notDeleted + unconfirmed + leaseLost + (outcome?.pending ?? 0);
  const matched = sent + unconfirmed + leaseLost + failures.size;
  return noteUnmatched(session, options, result, matched, noteRest(session, result, undone === 0));
}
