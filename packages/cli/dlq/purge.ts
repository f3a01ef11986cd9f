import { UsageError } from "@event-pipeline/operations/errors";
import type { QueueCounts } from "@event-pipeline/operations/sqs/queue-counts";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode, exitCodeOf } from "../action";
import { confirm } from "../confirmation";
import { countOf } from "../output";
import { addWaitOption, LEASED_MESSAGES, noteRest, waitMs } from "./peek";

interface PurgeOptions {
  readonly queue?: string;
  readonly exported?: string;
  readonly waitForLeases?: number | true;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export function addPurgeCommand(dlq: Command, action: CreateAction): Command {
  const command = dlq
    .command("purge")
    .description("Permanently delete the exported messages, or every message, in a dead-letter queue")
    .argument("[name]", "Full name of the queue; --yes without --exported requires it")
    .option("--exported <file>", "Delete only the messages in this file of dlq export");
  addWaitOption(command, "--wait-for-leases", `${LEASED_MESSAGES}, with --exported`);
  return command
    .option("--yes", "Skip the confirmation")
    .option("--dry-run", "Count the messages; delete nothing")
    .action(
      action<PurgeOptions>((session, options, name) =>
        options.exported === undefined
          ? purgeAll(session, options, name)
          : purgeExported(session, { ...options, exported: options.exported }, name),
      ),
    );
}

async function purgeAll(
  { io, pipeline, output, args, commandLine }: CommandSession,
  { queue, waitForLeases, yes, dryRun }: PurgeOptions,
  name: string | undefined,
): Promise<ExitCode> {
  if (waitForLeases !== undefined) {
    throw new UsageError("--wait-for-leases requires --exported: without it, SQS also deletes messages in flight.");
  }
  const { preparePurge } = await import("@event-pipeline/operations/dlq/purge");
  const { queueName, counts, purge } = await preparePurge(pipeline(), queue);
  checkName(name, queueName);
  if (yes && name === undefined) {
    throw new UsageError(`--yes requires the queue's full name: ${commandLine([...args, queueName])}`);
  }
  const about = aboutText(counts);
  if (dryRun) {
    output.note(`${queueName} has ${about}. Nothing was deleted.`);
    return EXIT_CODES.ok;
  }
  const question = `Permanently delete ${about} from ${queueName}? ${NOT_KNOWN}`;
  if (!yes && !(await confirm(io, question, queueName))) {
    output.note("Nothing was deleted.");
    return EXIT_CODES.failed;
  }
  const error = await purge();
  if (error) {
    output.note(error.message);
    const count = commandLine([...args.filter((arg) => arg !== "--yes"), "--dry-run"]);
    output.note(`SQS may have begun to delete ${about} from ${queueName}. To count the rest in 60 s: ${count}`);
    return exitCodeOf(false, error);
  }
  output.note(`SQS deletes ${about} from ${queueName} within 60 seconds. ${NOT_KNOWN}`);
  return EXIT_CODES.ok;
}

const NOT_KNOWN = "The command does not know whether they were exported.";

function aboutText({ visible, inFlight, delayed }: QueueCounts): string {
  const parts = [inFlight > 0 && `${inFlight} of them in flight`, delayed > 0 && `${delayed} of them delayed`];
  return [`about ${countOf(visible + inFlight + delayed, "message")}`, ...parts.filter(Boolean)].join(", ");
}

/** @throws UsageError when the given name is not the queue's. */
function checkName(name: string | undefined, queueName: string): void {
  if (name === undefined || name === queueName) return;
  throw new UsageError(
    `Wrong name ${JSON.stringify(name)}: expected ${queueName}. Nothing was deleted. To purge another queue, give --queue.`,
  );
}

async function purgeExported(
  session: CommandSession,
  { queue, exported, waitForLeases, yes, dryRun }: PurgeOptions & { readonly exported: string },
  name: string | undefined,
): Promise<ExitCode> {
  const { io, pipeline, output, signal } = session;
  const [{ purgeExported }, { readExportFile }, { resolveDeadLetterQueue }] = await Promise.all([
    import("@event-pipeline/operations/dlq/purge"),
    import("@event-pipeline/operations/dlq/export-file"),
    import("@event-pipeline/operations/dlq/resolve-dead-letter-queue"),
  ]);
  const resolved = await resolveDeadLetterQueue(pipeline(), queue);
  checkName(name, resolved.name);
  const digestById = await readExportFile(exported, resolved.name);
  const question = `Permanently delete ${countOf(digestById.size, "message")} of ${exported} from ${resolved.name}?`;
  if (!dryRun && !yes && !(await confirm(io, question))) {
    output.note("Nothing was deleted.");
    return EXIT_CODES.failed;
  }
  const result = await output.progress(
    (state = "receiving") => state,
    (report: (state: string) => void) =>
      purgeExported(resolved, digestById, {
        dryRun,
        signal,
        waitMs: waitMs(waitForLeases),
        onProgress: ({ seen, deleted }) => report(`${seen} received, ${deleted} deleted`),
      }),
  );
  const { deleted, notDeleted, onlyInFile, onlyInQueue, complete } = result;
  if (output.json) {
    await output.record({
      [dryRun ? "would_delete" : "deleted"]: deleted,
      not_deleted: notDeleted,
      only_in_file: onlyInFile,
      only_in_queue: onlyInQueue,
      not_seen: result.notSeen,
    });
  }
  const would = dryRun ? "would be deleted" : "deleted";
  output.note(`${deleted} of ${countOf(digestById.size, "exported message")} ${would}.`);
  if (notDeleted > 0) output.note(`${notDeleted} may still be in the queue, because SQS did not confirm the deletion.`);
  if (onlyInFile > 0)
    output.note(`${onlyInFile} in the file, but ${complete ? "not in the queue any more" : "not seen"}.`);
  if (onlyInQueue > 0) output.note(`${onlyInQueue} in the queue, but not in the file. They stay in the queue.`);
  return noteRest(session, result, notDeleted === 0);
}
