import { open } from "node:fs/promises";
import { formatAge } from "@event-pipeline/node-process/format-age";
import { printableJson } from "@event-pipeline/node-process/printable";
import type { DeadLetterFilter, DeadLetterMessage } from "@event-pipeline/operations/dlq/dead-letter-message";
import type { PeekOptions, PeekResult } from "@event-pipeline/operations/dlq/peek-queue";
import { UsageError } from "@event-pipeline/operations/errors";
import { type Command, Option } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode } from "../action";
import { countOf, type Output } from "../output";

/** The options that select a dead-letter queue and messages in it, as commander parses them. */
export interface DeadLetterOptions extends DeadLetterFilter {
  readonly queue?: string;
}

type ListGroupsOptions = DeadLetterOptions & { readonly by: "code" | "type" };

/** Adds the commands that peek at a dead-letter queue. */
export function addPeekCommands(dlq: Command, action: CreateAction) {
  const list = dlq
    .command("list")
    .description("List dead letters, grouped by refusal code or event type")
    .addOption(new Option("--by <what>", "Attribute to group by").choices(["code", "type"]).default("code"))
    .action(action<ListGroupsOptions>(listGroups));
  const show = dlq
    .command("show")
    .description("Show one dead letter completely")
    .argument("<id>", "Event ID, or MessageId from SNS or SQS")
    .action(action<DeadLetterOptions>(showMessage));
  const exportCommand = dlq
    .command("export")
    .description("Write dead letters as ndjson to a new file")
    .argument("<file>", "File to create, or - for standard output")
    .action(action<DeadLetterOptions>(exportMessages));
  return { list, show, exportCommand };
}

/** Peeks at the queue that the options select, and shows the progress. */
export async function peek(
  { pipeline, output, signal }: CommandSession,
  { queue, code, type, id, since }: DeadLetterOptions,
  onMessage: PeekOptions["onMessage"],
): Promise<PeekResult> {
  const [{ peekQueue }, { resolveDeadLetterQueue }] = await Promise.all([
    import("@event-pipeline/operations/dlq/peek-queue"),
    import("@event-pipeline/operations/dlq/resolve-dead-letter-queue"),
  ]);
  let found = 0;
  return output.progress(
    () => `${found} found`,
    async () =>
      peekQueue(await resolveDeadLetterQueue(pipeline(), queue), {
        filter: { code, type, id, since },
        signal,
        onMessage: (message) => {
          found += 1;
          return onMessage(message);
        },
      }),
  );
}

/** Prints a summary of a peek, and returns the exit code. */
export function notePeek(output: Output, { seen, counts, complete, stillLeased, leaseSeconds }: PeekResult): ExitCode {
  output.note(
    `Peeked at ${seen} of about ${countOf(counts.visible, "message")}. They are visible again, and each receive count is 1 higher.`,
  );
  if (counts.inFlight > 0)
    output.note(`${counts.inFlight} more are in flight, received by another consumer. They are not shown.`);
  if (stillLeased > 0) output.note(`${stillLeased} become visible again within ${leaseSeconds} s.`);
  if (!complete && seen < counts.visible) {
    output.note(
      "The queue has more messages than one peek can receive. Redrive some messages, then run this command again.",
    );
    return EXIT_CODES.partly;
  }
  return EXIT_CODES.ok;
}

async function listGroups(session: CommandSession, options: ListGroupsOptions): Promise<ExitCode> {
  const { output } = session;
  const { DeadLetterGroups } = await import("@event-pipeline/operations/dlq/peek-queue");
  const groups = new DeadLetterGroups(options.by);
  const result = await peek(session, options, (message) => groups.add(message));
  if (output.json) {
    for (const { name, count, oldest, newest, reason, exampleId } of groups.groups) {
      const example = { example_id: exampleId, example_reason: reason };
      await output.record({ [options.by]: name ?? null, count, oldest, newest, ...example });
    }
  } else if (groups.groups.length > 0) {
    await output.table(
      [options.by.toUpperCase(), "COUNT", "OLDEST", "NEWEST", "EXAMPLE", "REASON"],
      groups.groups.map(({ name, count, oldest, newest, exampleId, reason = MOVED }) => [
        name ?? "none",
        String(count),
        formatAge(oldest),
        formatAge(newest),
        exampleId,
        reason,
      ]),
    );
  }
  const exitCode = notePeek(output, result);
  if (result.matched > 0) {
    output.note(
      "Next: event-pipeline dlq show EXAMPLE. After you fix the cause: event-pipeline dlq redrive --code CODE",
    );
  }
  return exitCode;
}

/** The reason that is shown for messages without a refusal code. */
const MOVED = "moved by SQS after its last receive";

async function showMessage(session: CommandSession, options: DeadLetterOptions, id = ""): Promise<ExitCode> {
  const { output } = session;
  const messages: DeadLetterMessage[] = [];
  const result = await peek(session, { ...options, id }, (message) => messages.push(message));
  for (const message of messages) {
    const record = messageRecord(message);
    if (output.json) await output.record(record);
    else {
      await output.line(output.paint("bold", message.reason ?? MOVED));
      for (const line of JSON.stringify(record, undefined, 2).split("\n")) await output.recordJson(line);
    }
  }
  const exitCode = notePeek(output, result);
  if (messages.length > 0) return exitCode;
  output.note(`No dead letter has the id ${id}. To find the event: event-pipeline events show ${id}`);
  return EXIT_CODES.failed;
}

async function exportMessages(session: CommandSession, options: DeadLetterOptions, file = ""): Promise<ExitCode> {
  const { output } = session;
  if (file === "-") {
    return notePeek(output, await peek(session, options, (message) => output.record(messageRecord(message))));
  }
  // An existing file is never overwritten: it may be the only copy of purged messages.
  const handle = await open(file, "wx").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EEXIST") throw new UsageError(`File already exists: ${file}. Give another name.`, { cause });
    throw new UsageError(`Cannot write ${file}: ${cause.message}`, { cause });
  });
  try {
    const result = await peek(session, options, (message) =>
      handle.appendFile(`${printableJson(JSON.stringify(messageRecord(message)))}\n`),
    );
    output.note(`Wrote ${countOf(result.matched, "message")} to ${file}.`);
    return notePeek(output, result);
  } finally {
    await handle.close();
  }
}

/** Returns the object that `--json` prints for a message. */
function messageRecord(deadLetter: DeadLetterMessage): object {
  const { message } = deadLetter;
  // The SDK returns undefined for an attribute called __proto__.
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { DataType, StringValue, BinaryValue } = {}]) => [
      name,
      { type: DataType, value: BinaryValue ? Buffer.from(BinaryValue).toString("base64") : StringValue },
    ],
  );
  return {
    sqs_message_id: deadLetter.sqsMessageId,
    sns_message_id: deadLetter.snsMessageId,
    event_type: deadLetter.type,
    event_id: deadLetter.eventId,
    error_code: deadLetter.code,
    error_message: deadLetter.reason,
    original_message_id: deadLetter.originalMessageId,
    sent_at: deadLetter.sentAt,
    receive_count: deadLetter.receiveCount,
    message_group_id: message.Attributes?.MessageGroupId,
    trace_header: message.Attributes?.AWSTraceHeader,
    message_attributes: Object.fromEntries(attributes),
    body: message.Body,
  };
}
