import type { Command } from "commander";
import { action } from "../action";
import { EXIT_CODES } from "../exit-codes";
import { Progress } from "../progress";
import { addSpanOptions, type SpanOptions, spanOf } from "../span-options";
import { UnreadableNotes } from "./unreadable";

interface GetOptions extends SpanOptions {
  readonly id?: string;
  readonly type?: string;
  readonly message?: boolean;
}

export function addGet(archive: Command): void {
  const command = archive
    .command("get")
    .description("archived events, as SNS sent them, one a line")
    .option("--id <id>", "of that event id or MessageId")
    .option("--type <type>", "of that type")
    .option("--message", "the published text alone, without SNS's envelope")
    .action(action<GetOptions>(get));
  addSpanOptions(command);
}

const get: Parameters<typeof action<GetOptions>>[0] = async (session, { id, type, message, ...span }) => {
  const { output, signal } = session;
  const [{ readArchive }, { identityOf }] = await Promise.all([
    import("@event-pipeline/operations/archive/read-from"),
    import("@event-pipeline/operations/expected-item"),
  ]);
  const unreadable = new UnreadableNotes(output);
  let read = 0;
  let found = 0;
  const progress = new Progress(output, () => `${read} read, ${found} found`);
  try {
    for await (const { body, envelope } of readArchive(session.pipeline(), {
      span: spanOf(span),
      onUnreadable: unreadable.add,
      signal,
    })) {
      read += 1;
      if (id !== undefined || type !== undefined) {
        const identity = identityOf(envelope);
        if (type !== undefined && identity.type !== type) continue;
        if (id !== undefined && ![envelope.messageId, identity.eventId].includes(id)) continue;
      }
      found += 1;
      const text = message ? envelope.message : body;
      // A published text may have line breaks: in JSON it stays on one line.
      await (isJson(text) ? output.recordJson(text) : output.line(text));
    }
  } finally {
    progress.end();
  }
  unreadable.end();
  output.note(`${found} of ${read} events.`);
  if (unreadable.count > 0) return EXIT_CODES.partly;
  return found === 0 && (id !== undefined || type !== undefined) ? EXIT_CODES.failed : EXIT_CODES.ok;
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
