import { fstatSync } from "node:fs";
import type { ContractSet } from "@event-pipeline/contracts/contract-set";
import { OperationError, UsageError } from "@event-pipeline/operations/errors";
import type { EventMessage, StringAttributes } from "@event-pipeline/operations/publish/event-message";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, type ExitCode, exitCodeOf } from "./action";
import { knownContracts } from "./known-contracts";
import { messageGroupId, pairs, positiveNumber, wholeNumber } from "./option-values";
import { startRateFormatter } from "./output";

interface PublishCommandOptions {
  readonly data?: string;
  readonly id?: string;
  readonly time?: string;
  readonly source?: string;
  readonly attribute?: StringAttributes;
  readonly group?: string;
  readonly sample?: string;
  readonly count?: number;
  readonly rate?: number;
  readonly validate: boolean;
}

export function addPublishCommand(program: Command, action: CreateAction, invocation: string): void {
  program
    .command("publish")
    .description("Publish one or more events")
    .argument("[type]", "Event type, or - to read ndjson from standard input")
    .option("--data <json>", "JSON object with the event's other members")
    .option("--id <id>", "Event ID (default: none)")
    .option("--time <time>", "Time in RFC 3339 or Unix time (default: SNS's time)")
    .option("--source <source>", "Event source (default: none)")
    .option("--attribute <key=value>", "Message attribute of type String; repeatable", pairs)
    .option("--group <id>", "MessageGroupId: the tenant in a fair queue", messageGroupId)
    .option("--sample <name>", "Sample (see samples), or a contract's type")
    .option("--count <n>", "Number of times to publish the event (default: 1)", wholeNumber(1, 1_000_000_000))
    .option("--rate <n>", "Maximum events per second (default: no limit)", positiveNumber)
    .option("--no-validate", "Publish events even if the handler would refuse them or cannot read their time")
    .addHelpText(
      "after",
      `
Examples:
  ${invocation} publish scan.done --data '{"findings":2}' --local
  ${invocation} publish --sample scan.started --count 100 --rate 50 --local
  ${invocation} publish - --local < events.ndjson

Prints the MessageId of each published event. If some events were not published, stderr lists their lines, and the exit code is 3. Samples are never validated.`,
    )
    .action(
      action<PublishCommandOptions>(async (session, options, type) => {
        const messages = await messagesFrom(session, options, type);
        try {
          return await publishAll(session, messages, options, type === "-");
        } finally {
          session.io.stdin.destroy(); // A program that still writes to the pipe gets an error.
        }
      }),
    );
  program
    .command("samples")
    .description("List the sample events for publish --sample")
    .action(
      action(async ({ output }) => {
        const { SAMPLES } = await import("@event-pipeline/operations/publish/samples");
        if (output.json) for (const sample of SAMPLES) await output.record(sample);
        else {
          await output.table(
            ["SAMPLE", "DESCRIPTION"],
            SAMPLES.map(({ name, description }) => [name, description]),
          );
        }
      }),
    );
}

type MemberOptions = Partial<Record<"data" | "id" | "time" | "source" | "sample", string | undefined>>;

function hasNoMembers({ data, id, time, source, sample }: MemberOptions): boolean {
  return [data, id, time, source, sample].every((value) => value === undefined);
}

async function messagesFrom(session: CommandSession, options: PublishCommandOptions, type?: string) {
  const { stdin } = session.io;
  const { sample, attribute: attributes = {}, count, validate, data, id, time, source } = options;
  const { eventText, ndjson, refusalOf, repeated, tooLarge } = await import(
    "@event-pipeline/operations/publish/event-message"
  );
  if (type === undefined && hasNoMembers(options)) {
    throw new UsageError("No event type. Give a type, --sample, or - to read events from standard input.");
  }
  if (type === "-") {
    if (stdin.isTTY) {
      throw new UsageError("Standard input is a terminal: expected a file or a pipe with one event per line.");
    }
    if (count === undefined && hasNoMembers(options)) {
      // Node.js takes a folder for empty input.
      if (stdin.fd !== undefined && fstatSync(stdin.fd).isDirectory()) {
        throw new UsageError("Standard input is a folder: expected a file or a pipe with one event per line.");
      }
      const contracts = validate ? await knownContracts(session, "events are published without them") : undefined;
      return ndjson(stdin, { attributes, contracts: contracts?.current });
    }
    throw new UsageError(
      "With -, each line of standard input is a complete event. Leave out --data, --id, --time, --source, --sample and --count.",
    );
  }
  if (sample !== undefined && !(type === undefined && hasNoMembers({ data, id, time, source }))) {
    throw new UsageError("A sample is a complete event. Leave out the type, --data, --id, --time and --source.");
  }
  const given = sample === undefined ? eventText({ type, id, time, source }, data) : "";
  const sizeError = tooLarge(given, attributes);
  if (sizeError) throw new UsageError(sizeError);
  const contracts =
    validate || sample !== undefined ? await knownContracts(session, "events are published without them") : undefined;
  const message = sample === undefined ? given : await sampleMessage(sample, contracts?.set);
  const isValidated = sample === undefined && validate;
  const refusal =
    tooLarge(message, attributes) ??
    (isValidated && contracts ? refusalOf(message, attributes, contracts.current) : undefined);
  if (refusal) {
    const isTypeAlone = type !== undefined && data === undefined;
    const hasExample = isTypeAlone && contracts?.set?.contracts.some((contract) => contract.type === type);
    const example = session.pipeline().cliCommand("publish", "--sample", type ?? "");
    throw new UsageError(hasExample ? `${refusal} To publish the contract's example: ${example}` : refusal);
  }
  return repeated(message, count ?? 1);
}

/** Returns the first example of the contract with this type, or else a sample of the pipeline's own. */
async function sampleMessage(sample: string, set: ContractSet | undefined): Promise<string> {
  const { SAMPLES } = await import("@event-pipeline/operations/publish/samples");
  const contracts = set?.contracts ?? [];
  const contract = contracts.find(({ type }) => type === sample);
  if (contract) return JSON.stringify((contract.schema.examples as readonly unknown[])[0]);
  const found = SAMPLES.find(({ name }) => name === sample);
  if (found) return found.message;
  const types = contracts.map(({ type }) => type).filter((type) => SAMPLES.every(({ name }) => name !== type));
  const names = [...SAMPLES.map(({ name }) => name), ...types].join(", ");
  throw new UsageError(`Unknown sample ${JSON.stringify(sample)}: expected one of ${names}.`);
}

async function publishAll(
  { pipeline, output, signal }: CommandSession,
  messages: AsyncIterable<readonly EventMessage[]>,
  { attribute = {}, group: groupId, rate }: PublishCommandOptions,
  areLines: boolean,
): Promise<ExitCode> {
  const { publish } = await import("@event-pipeline/operations/publish/publish");
  const perSecond = startRateFormatter();
  let published = 0;
  let lastId = "";
  let failed = 0;
  let last = 0;
  /** The lines that were not published because of `stoppedBy`. */
  const stopped: number[] = [];
  let stoppedBy: OperationError | undefined;
  let isUncertain = false;
  const summary = () => `${published} published, ${failed} failed, ${perSecond(published)}`;
  const unit = areLines ? "line" : "event";
  await output.progress(summary, async () => {
    try {
      const options = { attributes: attribute, groupId, rate, signal };
      for await (const { line, messageId, error } of publish(pipeline(), messages, options)) {
        if (messageId === undefined) failed += 1;
        else {
          published += 1;
          lastId = messageId;
        }
        last = line;
        if (output.json) {
          await output.record({ line, message_id: messageId, error_code: error?.code, reason: error?.reason });
        } else if (messageId !== undefined) await output.line(messageId);
        else if (!error?.isFatal) {
          const what = error?.isUncertain ? "may not be published" : "was not published";
          output.note(`${areLines ? "Line" : "Event"} ${line} ${what} (${error?.code}): ${error?.reason}`);
        }
        if (error?.isFatal) stopped.push(line);
        isUncertain ||= error?.isUncertain === true;
      }
    } catch (error) {
      if (published === 0 || !(error instanceof OperationError)) throw error;
      stoppedBy = error;
    }
  });
  if (published + failed !== 1) output.note(`${summary()}.`);
  if (stoppedBy) {
    output.note(stoppedBy.message);
    if (stopped.length > 0) output.note(`Not published: ${unit}s ${rangesOf(stopped)}.`);
  }
  if (isUncertain) {
    output.note(
      "SNS may have published some of them. If you publish them again, events with an ID and a time are stored once.",
    );
  }
  if (stoppedBy || signal.aborted) output.note(`Stopped after ${unit} ${last}. No later ${unit} was published.`);
  else if (published > 0 && !output.json) {
    const which = published === 1 ? "the event" : "the last event";
    output.note(`To trace ${which}: ${pipeline().cliCommand("events", "show", lastId)}`);
  }
  return exitCodeOf(failed === 0 && !signal.aborted, stoppedBy);
}

/** Formats ascending numbers as ranges: `1-3, 7`. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range?.[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(", ");
}
