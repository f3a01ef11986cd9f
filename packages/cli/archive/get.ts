import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode } from "../action";
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
  const { output, signal, pipeline } = session;
  const [{ archivedRecords }, { openArchive }, { identityOf }] = await Promise.all([
    import("@event-pipeline/operations/archive/archived-records"),
    import("@event-pipeline/operations/archive/archived-objects"),
    import("@event-pipeline/operations/expected-outcome"),
  ]);
  const unreadable = new UnreadableNotes(output);
  const options = { timeRange: timeRangeOf(timeRange), onUnreadable: unreadable.add, signal };
  let read = 0;
  let found = 0;
  await output.progress(
    () => `${read} read, ${found} found`,
    async () => {
      for await (const { body, envelope } of archivedRecords({ archive: await openArchive(pipeline()), ...options })) {
        read += 1;
        if (id !== undefined || type !== undefined) {
          const identity = identityOf(envelope);
          if (type !== undefined && identity.type !== type) continue;
          if (id !== undefined && ![envelope.messageId, identity.eventId].includes(id)) continue;
        }
        found += 1;
        const text = message ? envelope.message : body;
        // JSON with line breaks is printed on one line.
        await (isJson(text) ? output.recordJson(text) : output.line(text));
      }
    },
  );
  unreadable.printTotal();
  output.note(`${found} of ${countOf(read, "event")} printed.`);
  if (unreadable.count > 0) return EXIT_CODES.partly;
  return found === 0 && (id !== undefined || type !== undefined) ? EXIT_CODES.failed : EXIT_CODES.ok;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
