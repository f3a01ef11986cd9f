import type { RedriveResult } from "@event-pipeline/operations/dlq/redrive";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode } from "../action";
import { confirm } from "../confirmation";
import { positiveNumber, wholeNumber } from "../option-values";
import { countOf } from "../output";
import { type DeadLetterOptions, notePeek, peek } from "./peek";

interface RedriveCommandOptions extends DeadLetterOptions {
  readonly rate?: number;
  /** The number of seconds to wait, or true for the default. */
  readonly wait?: number | true;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const DEFAULT_WAIT_SECONDS = 300;

export function addRedriveCommand(dlq: Command, action: CreateAction): Command {
  return dlq
    .command("redrive")
    .description("Send dead letters back to their original queue, and delete them from the dead-letter queue")
    .option("--rate <n>", "Maximum number of messages per second (default: no limit)", positiveNumber)
    .option(
      "--wait [seconds]",
      `Wait for the messages' outcome, at most this many seconds (default: ${DEFAULT_WAIT_SECONDS})`,
      wholeNumber(1, 86_400),
    )
    .option("--dry-run", "Count the matching messages; send nothing")
    .option("--yes", "Skip the confirmation")
    .action(action<RedriveCommandOptions>(run));
}

async function run(session: CommandSession, options: RedriveCommandOptions): Promise<ExitCode> {
  const { io, output, signal, pipeline } = session;
  const { queue, rate, wait, yes, dryRun, code, type, id, since } = options;
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
        waitMs: wait === undefined ? undefined : 1_000 * (wait === true ? DEFAULT_WAIT_SECONDS : wait),
        onProgress: ({ seen, sent }) => report(`${seen} received, ${sent} sent`),
        onOutcome: ({ stored, pending }) => report(`${stored} stored, waiting for ${pending}`),
      }),
  );
  return printResult(session, result);
}

async function countMatching(session: CommandSession, options: DeadLetterOptions): Promise<ExitCode> {
  const { output } = session;
  const result = await peek(session, options, () => undefined);
  if (output.json) await output.record({ would_send: result.matched });
  output.note(`${countOf(result.matched, "message")} would be sent. Nothing was sent.`);
  return notePeek(output, result);
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

async function printResult({ output, signal }: CommandSession, result: RedriveResult): Promise<ExitCode> {
  const { sent, seen, deleted, leaseLost, failures, returned, complete, stillLeased, leaseSeconds, outcome } = result;
  const notDeleted = sent - deleted;
  if (output.json) {
    await output.record({
      sent,
      seen,
      failed: Object.fromEntries(failures),
      ...(notDeleted > 0 && { also_still_there: notDeleted }),
      ...(leaseLost > 0 && { taken_by_others: leaseLost }),
      ...outcome,
      came_back: Object.fromEntries(returned),
    });
  }
  output.note(`${sent} of ${countOf(seen, "message")} sent.`);
  if (signal.aborted) output.note("Interrupted. The remaining messages stay in the dead-letter queue.");
  for (const [reason, count] of failures)
    output.note(`${count} not sent, and still in the dead-letter queue: ${reason}`);
  if (notDeleted > 0) {
    output.note(
      `${notDeleted} sent, but not deleted from the dead-letter queue. The next redrive sends them again; no event is stored twice.`,
    );
  }
  if (leaseLost > 0) output.note(`${leaseLost} not sent, because another consumer may have received them.`);
  if (stillLeased > 0) output.note(`${stillLeased} become visible again within ${leaseSeconds} s.`);
  if (outcome) {
    if (outcome.stored > 0 || outcome.consumed === 0) output.note(`${outcome.stored} stored.`);
    if (outcome.consumed > 0) output.note(`${outcome.consumed} consumed.`);
    if (outcome.pending > 0) {
      output.note(`${outcome.pending} still in the queue, or expired. To see the queue's count: event-pipeline status`);
    }
  }
  for (const [code, count] of returned) output.note(`${count} returned to the dead-letter queue: ${code}.`);
  if (returned.size > 0) output.note("To see why: event-pipeline dlq list");
  const isDone = failures.size === 0 && notDeleted + leaseLost + (outcome?.pending ?? 0) === 0 && returned.size === 0;
  return complete && isDone ? EXIT_CODES.ok : EXIT_CODES.partly;
}
