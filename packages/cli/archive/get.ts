import type { OperationError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode, exitCodeOf } from "../action";
import { addTimeRangeOptions, type TimeRangeOptions, timeRangeOf } from "../option-values";
import { countOf } from "../output";
import { UnreadableNotes } from "./unreadable-notes";

interface GetOptions extends TimeRangeOptions {
  readonly id?: string;
  readonly type?: string;
  readonly message?: boolean;
}

export function addGetCommand(archive: Command, action: CreateAction): void {
  const command = archive
    .command("get")
    .description("Print archived events as SNS sent them, one per line")
    .option("--id <id>", "Only the event with this ID or MessageId")
    .option("--type <type>", "Only events of this type")
    .option("--message", "Print only the published text, without the SNS envelope")
    .action(action<GetOptions>(get));
  addTimeRangeOptions(command, "published");
}

async function get(session: CommandSession, { id, type, message, ...timeRange }: GetOptions): Promise<ExitCode> {
  const { io, output, signal, pipeline, commandLine } = session;
  const [{ archivedRecords }, { openArchive }, { currentContracts }, { identityOf }, { toOperationError }] =
    await Promise.all([
      import("@event-pipeline/operations/archive/archived-records"),
      import("@event-pipeline/operations/archive/archived-objects"),
      import("@event-pipeline/operations/deployed-contracts"),
      import("@event-pipeline/operations/expected-outcome"),
      import("@event-pipeline/operations/aws-errors"),
    ]);
  const unreadable = new UnreadableNotes(output, pipeline().awsCli);
  const archive = await openArchive(pipeline());
  const isFiltered = id !== undefined || type !== undefined;
  const mapping = isFiltered ? (await currentContracts(pipeline(), signal)).current.mapping : undefined;
  let read = 0;
  let found = 0;
  let stoppedBy: OperationError | undefined;
  const printAll = async () => {
    const records = archivedRecords({
      archive,
      timeRange: timeRangeOf(timeRange),
      onUnreadable: unreadable.add,
      signal,
    });
    for await (const { body, envelope } of records) {
      read += 1;
      if (isFiltered) {
        const identity = identityOf(envelope, mapping);
        if (type !== undefined && identity.type !== type) continue;
        if (id !== undefined && ![envelope.messageId, identity.eventId].includes(id)) continue;
      }
      found += 1;
      const text = message ? envelope.message : body;
      // JSON with line breaks is printed on one line.
      await (isJson(text) ? output.recordJson(text) : output.line(text));
    }
  };
  try {
    await output.progress(() => `${read} read, ${found} found`, printAll);
  } catch (error) {
    if (!signal.aborted) stoppedBy = toOperationError(error, archive.target);
  }
  // The reader of the output has seen enough.
  if (io.closed.aborted) return EXIT_CODES.ok;
  unreadable.printTotal();
  output.note(`${found} of ${countOf(read, "event")} printed.`);
  if (stoppedBy) output.note(stoppedBy.message);
  if (signal.aborted) output.note("Interrupted.");
  const isWhole = unreadable.count === 0 && !stoppedBy && !signal.aborted;
  if (!isWhole) {
    const isFinal = unreadable.areDamaged && !stoppedBy && !signal.aborted;
    output.note(`The archive was not read completely.${isFinal ? "" : ` To read it again: ${commandLine()}`}`);
  }
  if (isWhole && found === 0 && isFiltered) return EXIT_CODES.failed;
  return exitCodeOf(isWhole, stoppedBy ?? unreadable.denied);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
