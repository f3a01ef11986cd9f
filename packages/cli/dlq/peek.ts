import { REFUSAL_CODES, type RefusalCode } from "@event-pipeline/event-model/refusal";
import { formatAge } from "@event-pipeline/node-process/format-age";
import { printableJson } from "@event-pipeline/node-process/printable";
import { optionWords, positionalWords } from "@event-pipeline/operations/commands";
import type { DeadLetterFilter, DeadLetterMessage } from "@event-pipeline/operations/dlq/dead-letter-message";
import type { DeadLetterRecord } from "@event-pipeline/operations/dlq/export-file";
import type { PeekResult } from "@event-pipeline/operations/dlq/peek-queue";
import type { LeaseReport } from "@event-pipeline/operations/dlq/visibility-lease";
import type { OperationError } from "@event-pipeline/operations/errors";
import { areCredentialsRefused } from "@event-pipeline/operations/reading";
import { type Command, Option } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode, exitCodeOf } from "../action";
import { knownContracts } from "../known-contracts";
import { wholeNumber } from "../option-values";
import { countOf } from "../output";

/** The options that select a dead-letter queue and messages in it, as commander parses them. */
export interface DeadLetterOptions extends DeadLetterFilter {
  readonly queue?: string | undefined;
  /** The number of seconds to wait, or true for the default. */
  readonly waitForLeases?: number | true;
}

const DEFAULT_WAIT_SECONDS = 300;
export const LEASED_MESSAGES = "messages that other consumers hold";

/** Adds an option whose value is a number of seconds, or true. */
export function addWaitOption(command: Command, flag: string, what: string): Command {
  return command.option(
    `${flag} [seconds]`,
    `Wait for ${what}, at most this many seconds (default: ${DEFAULT_WAIT_SECONDS})`,
    wholeNumber(1, 86_400),
  );
}

/** Returns the milliseconds to wait; undefined if the option is not given. */
export function waitMs(seconds: number | true | undefined): number | undefined {
  return seconds === undefined ? undefined : 1_000 * (seconds === true ? DEFAULT_WAIT_SECONDS : seconds);
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
  addWaitOption(exportCommand, "--wait-for-leases", LEASED_MESSAGES);
  return { list, show, exportCommand };
}

/** The queue that a command peeks at. */
interface PeekedQueue {
  readonly name: string;
  /**
   * Returns the code with which the event processor would refuse a message now; undefined if it would accept the message.
   * Undefined for other consumers, and if the deployed contracts are not known.
   */
  readonly codeNow: ((message: DeadLetterMessage) => string | undefined) | undefined;
}

/** Peeks at the queue that the options select, and shows the progress. */
export async function peek(
  session: CommandSession,
  { queue, code, type, id, since, waitForLeases }: DeadLetterOptions,
  onMessage: (message: DeadLetterMessage, queue: PeekedQueue) => unknown,
): Promise<PeekResult> {
  const { pipeline, output, signal } = session;
  const [{ expectedResultOf }, { peekQueue }, { resolveDeadLetterQueue }] = await Promise.all([
    import("@event-pipeline/operations/dlq/dead-letter-message"),
    import("@event-pipeline/operations/dlq/peek-queue"),
    import("@event-pipeline/operations/dlq/resolve-dead-letter-queue"),
  ]);
  let found = 0;
  return output.progress(
    () => `${found} found`,
    async () => {
      const resolved = await resolveDeadLetterQueue(pipeline(), queue);
      const contracts = await knownContracts(session, "a type or an ID that a mapping finds is not shown");
      const peeked: PeekedQueue = {
        name: resolved.name,
        codeNow:
          contracts && resolved.isEventProcessor
            ? ({ message }) => expectedResultOf(message, contracts).code
            : undefined,
      };
      return peekQueue(resolved, {
        mapping: contracts?.current.mapping,
        filter: { code, type, id, since },
        signal,
        waitMs: waitMs(waitForLeases),
        onMessage: (message) => {
          found += 1;
          return onMessage(message, peeked);
        },
      });
    },
  );
}

const OUT_OF_REACH = " Another consumer holds them, they arrived or left meanwhile, or a response with them was lost.";
const TOO_MANY = " The queue has more messages than one command can receive. Redrive or purge some of them first.";

/** Prints a summary of a peek, and returns the exit code. */
export function notePeek(session: CommandSession, result: PeekResult): ExitCode {
  const { seen, notSeen, stillLeased } = result;
  const visible = seen === 1 ? "It is visible again, and its" : "They are visible again, and each";
  const effect = seen === 0 ? "" : ` ${stillLeased === 0 ? visible : "Each"} receive count is 1 higher.`;
  session.output.note(`Peeked at ${seen} of about ${countOf(seen + notSeen, "message")}.${effect}`);
  return noteRest(session, result);
}

/**
 * Prints what ended a command early, which messages it did not see, which ones may stay invisible, and what to do next.
 *
 * @param isDone - True if the command did what it was asked for with the messages that it saw. @default true
 * @returns the exit code.
 */
export function noteRest(
  { output, io, commandLine }: CommandSession,
  { seen, notSeen, complete, isFull, stillLeased, leasedUntil, leaseSeconds, releaseError, ...report }: LeaseReport,
  isDone = true,
): ExitCode {
  // The error of an interrupted request says nothing about AWS.
  const stoppedBy = Object(report.stoppedBy?.cause).name === "AbortError" ? undefined : report.stoppedBy;
  if (stoppedBy) output.note(stoppedBy.message);
  if (io.interrupted.aborted) output.note("Interrupted.");
  if (stillLeased > 0) {
    output.note(
      `${countOf(stillLeased, "message")} may stay invisible until ${leasedUntil.toISOString()}, because SQS did not confirm the release.`,
    );
    if (releaseError && releaseError.message !== stoppedBy?.message) output.note(releaseError.message);
  }
  if (notSeen > 0) {
    const isStopped = stoppedBy !== undefined || io.interrupted.aborted || io.closed.aborted;
    const reason = isStopped ? "" : isFull ? TOO_MANY : OUT_OF_REACH;
    output.note(`Not complete: about ${notSeen} of ${countOf(seen + notSeen, "message")} not seen.${reason}`);
  }
  const isSeen = complete && stillLeased === 0;
  const isReleased = io.interrupted.aborted && stillLeased === 0;
  const runAgain = `${stoppedBy ? "After you fix the cause, run" : "Run"} again${isReleased ? "" : ` in ${leaseSeconds} s`}`;
  if (!isSeen || stoppedBy) output.note(`${runAgain}: ${commandLine()}`);
  // Without permission to release messages, the command has still done its work.
  const endedBy = stoppedBy ?? (areCredentialsRefused(releaseError) ? releaseError : undefined);
  return exitCodeOf(isSeen && isDone, endedBy);
}

/** Returns the words of a command with the same filter. */
export function filterWords({ queue, code, type, id, since }: DeadLetterOptions): string[] {
  const values = { queue: queue === "events" ? undefined : queue, code, type, id, since: since?.toISOString() };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : optionWords(name, value)));
}

/**
 * Notes that the filter matches no message that was seen, with the codes that `--code` may have. If so, the exit code
 * is that of a failure instead of that of a success.
 */
export function noteUnmatched(
  { output, signal }: CommandSession,
  { code, type, id, since }: DeadLetterOptions,
  { seen, codes, stoppedBy }: LeaseReport,
  matched: number,
  exitCode: ExitCode,
): ExitCode {
  const filter = filterWords({ code, type, id, since });
  if (filter.length === 0 || seen === 0 || matched > 0 || stoppedBy || signal.aborted) return exitCode;
  const others = code === undefined || codes.has(code) ? "" : ` Their codes: ${[...codes].sort().join(", ")}.`;
  const none = seen === 1 ? "The message that was seen does not match" : `None of the ${seen} messages seen matches`;
  output.note(`${none} ${filter.join(" ")}.${others}`);
  return exitCode === EXIT_CODES.ok ? EXIT_CODES.failed : exitCode;
}

async function listGroups(session: CommandSession, options: ListGroupsOptions): Promise<ExitCode> {
  const { output, pipeline } = session;
  const [{ DeadLetterGroups }, { NO_CODE }] = await Promise.all([
    import("@event-pipeline/operations/dlq/peek-queue"),
    import("@event-pipeline/operations/dlq/dead-letter-message"),
  ]);
  const groups = new DeadLetterGroups(options.by);
  /** The numbers of messages that the handler still refuses, by the code that they have. */
  const refused = new Map<string | undefined, number>();
  let isJudged = false;
  const result = await peek(session, options, (message, { codeNow }) => {
    groups.add(message);
    isJudged = codeNow !== undefined;
    if (codeNow?.(message) !== undefined) refused.set(message.code, (refused.get(message.code) ?? 0) + 1);
  });
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
  const exitCode = notePeek(session, result);
  const [first] = groups.groups;
  if (first) {
    const id = positionalWords(first.exampleId);
    const show = pipeline().cliCommand("dlq", "show", ...filterWords({ queue: options.queue }), ...id);
    output.note(`To see the first example: ${show}`);
  }
  for (const { name = NO_CODE, filter, count } of groups.groups.slice(0, MAX_GROUPS_WITH_COMMANDS)) {
    // Without a filter, a redrive would send every message.
    if (!filter) continue;
    const words = filterWords({ ...options, ...filter });
    const isRefusal = options.by === "code" && MESSAGE_REFUSALS.includes(name);
    const still = refused.get(name) ?? 0;
    const isAccepted = isRefusal && isJudged && still === 0;
    const when = !isRefusal
      ? "after you fix the cause"
      : isAccepted
        ? "which the handler accepts now"
        : "once the handler accepts these messages";
    if (isRefusal && still > 0 && CONTRACT_REFUSALS.includes(name)) {
      output.note(`The handler still refuses ${still} of ${countOf(count, "message")} with ${name}. ${FIX_CONTRACT}`);
    }
    output.note(`To redrive ${name}, ${when}: ${pipeline().cliCommand("dlq", "redrive", ...words)}`);
    if (!isRefusal) continue;
    const save = pipeline().cliCommand("dlq", "export", ...words, `${name}.ndjson`);
    output.note(`To delete ${name}, export these messages first: ${save}`);
  }
  const others = groups.groups.length - MAX_GROUPS_WITH_COMMANDS;
  if (others > 0) {
    output.note(`For the commands of the other ${countOf(others, options.by)}, give one with --${options.by}.`);
  }
  return noteUnmatched(session, options, result, result.matched, exitCode);
}

/** The maximum number of groups for which `dlq list` prints commands. The largest groups come first. */
const MAX_GROUPS_WITH_COMMANDS = 5;
/** The handler refuses a message with such a code again, until the handler itself changes. */
const MESSAGE_REFUSALS: readonly string[] = REFUSAL_CODES.filter((code) => code !== "REFUSED_BY_DYNAMODB");
/** The codes with which the handler refuses what the contracts do not allow. */
const CONTRACT_REFUSALS: readonly string[] = ["CONTRACT_VIOLATED", "UNKNOWN_TYPE"] satisfies RefusalCode[];
const FIX_CONTRACT =
  "Publish a corrected event, or change the contract in events/, deploy it, and redrive the messages.";
/** The reason that is shown for messages without a refusal code. */
const MOVED = "moved by SQS after its last receive";

async function showMessage(session: CommandSession, options: DeadLetterOptions, id = ""): Promise<ExitCode> {
  const { output, pipeline } = session;
  const { deadLetterRecord } = await import("@event-pipeline/operations/dlq/export-file");
  const found: { record: DeadLetterRecord; reason: string | undefined; codeNow: string | undefined }[] = [];
  const result = await peek(session, { ...options, id }, (message, { name, codeNow }) => {
    found.push({ record: deadLetterRecord(message, name), reason: message.reason, codeNow: codeNow?.(message) });
  });
  for (const { record, reason } of found) {
    if (output.json) await output.record(record);
    else {
      await output.line(output.paint("bold", reason ?? MOVED));
      for (const line of JSON.stringify(record, undefined, 2).split("\n")) await output.recordJson(line);
    }
  }
  const exitCode = notePeek(session, result);
  if (found.some(({ codeNow = "" }) => CONTRACT_REFUSALS.includes(codeNow))) output.note(FIX_CONTRACT);
  if (found.length > 0) return exitCode;
  const seen = result.complete ? "No dead letter has" : "None of the dead letters that were seen has";
  output.note(
    `${seen} the id ${id}. To find the event: ${pipeline().cliCommand("events", "show", ...positionalWords(id))}`,
  );
  return exitCode === EXIT_CODES.ok ? EXIT_CODES.failed : exitCode;
}

async function exportMessages(session: CommandSession, options: DeadLetterOptions, path = ""): Promise<ExitCode> {
  const { output } = session;
  const [{ deadLetterRecord, ExportFile }, { hasEveryAttribute }] = await Promise.all([
    import("@event-pipeline/operations/dlq/export-file"),
    import("@event-pipeline/operations/dlq/dead-letter-message"),
  ]);
  let withoutValue = 0;
  const recordOf = (message: DeadLetterMessage, queue: string) => {
    if (!hasEveryAttribute(message)) withoutValue += 1;
    return deadLetterRecord(message, queue);
  };
  const finish = (result: PeekResult) => {
    const exitCode = notePeek(session, result);
    if (withoutValue === 0) return exitCode;
    output.note(
      `${countOf(withoutValue, "message")} exported without the value of the message attribute __proto__, which the AWS SDK does not return. A purge with --exported leaves them.`,
    );
    return exitCode === EXIT_CODES.ok ? EXIT_CODES.partly : exitCode;
  };
  if (path === "-") {
    return finish(await peek(session, options, (message, { name }) => output.record(recordOf(message, name))));
  }
  const file = await ExportFile.create(path);
  let error: OperationError | undefined;
  const stopBy = (cause: OperationError) => {
    error = cause;
    return "stop";
  };
  try {
    const result = await peek(session, options, (message, { name }) =>
      file.append(printableJson(JSON.stringify(recordOf(message, name)))).catch(stopBy),
    );
    const isWhole = result.complete && !session.signal.aborted;
    if (isWhole && !error) await file.save().catch(stopBy);
    if (isWhole && !error) {
      output.note(`Wrote ${countOf(result.matched, "message")} to ${path}.`);
      const purge = session
        .pipeline()
        .cliCommand("dlq", "purge", ...optionWords("exported", path), ...filterWords({ queue: options.queue }));
      output.note(`To delete only these from the queue: ${purge}`);
    } else {
      // A file with this name would be taken for a complete copy.
      output.note(`${path} was not written. No message was deleted.`);
    }
    return finish({ ...result, ...(error && { stoppedBy: error }) });
  } finally {
    await file.discard();
  }
}
