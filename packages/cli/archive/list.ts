import type { OperationError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode, exitCodeOf } from "../action";
import { addTimeRangeOptions, type TimeRangeOptions, timeRangeOf, timeRangeText } from "../option-values";

export function addListCommand(archive: Command, action: CreateAction): void {
  const command = archive
    .command("list")
    .description("List the objects that may contain events in a time range, including objects from neighboring hours")
    .action(action<TimeRangeOptions>(list));
  addTimeRangeOptions(command, "published");
}

async function list(
  { io, pipeline, output, signal, commandLine }: CommandSession,
  options: TimeRangeOptions,
): Promise<ExitCode> {
  const [{ archivedObjects, openArchive }, { toOperationError }] = await Promise.all([
    import("@event-pipeline/operations/archive/archived-objects"),
    import("@event-pipeline/operations/aws-errors"),
  ]);
  const archive = await openArchive(pipeline());
  let count = 0;
  let totalBytes = 0;
  let stoppedBy: OperationError | undefined;
  try {
    for await (const { key, bytes, lastModified } of archivedObjects(archive, timeRangeOf(options), { signal })) {
      count += 1;
      totalBytes += bytes;
      await output.print(
        () => ({ key, bytes, last_modified: lastModified }),
        () => `${lastModified?.toISOString() ?? ""}  ${String(bytes).padStart(10)}  ${key}`,
      );
    }
  } catch (error) {
    // Without an object, nothing was done yet.
    if (count === 0) throw error;
    if (!signal.aborted) stoppedBy = toOperationError(error, archive.target);
  }
  // The reader of the output has seen enough.
  if (io.closed.aborted) return EXIT_CODES.ok;
  output.note(`${count} objects, ${totalBytes} bytes, for events ${timeRangeText(options)}.`);
  if (stoppedBy || signal.aborted) {
    output.note(`${stoppedBy?.message ?? "Interrupted."} The list is not complete. To list again: ${commandLine()}`);
    return exitCodeOf(false, stoppedBy);
  }
  if (count === 0) {
    output.note(
      `Firehose buffers for up to five minutes by default. To see the newest object: ${pipeline().cliCommand("status")}`,
    );
  }
  return EXIT_CODES.ok;
}
