import { OperationError, UsageError } from "@event-pipeline/operations/errors";
import type { Attributes, Outgoing } from "@event-pipeline/operations/publish/event-message";
import type { Published } from "@event-pipeline/operations/publish/publish";
import type { Command } from "commander";
import { action, type Session } from "./action";
import { EXIT_CODES, type ExitCode } from "./exit-codes";
import { messageGroupId, pairs, positiveNumber, wholeNumber } from "./option-values";
import type { Output } from "./output";
import { Progress } from "./progress";

interface PublishOptions {
  readonly data?: string;
  readonly id?: string;
  readonly time?: string;
  readonly source?: string;
  readonly attribute?: Attributes;
  readonly group?: string;
  readonly sample?: string;
  readonly count?: number;
  readonly rate?: number;
  readonly validate: boolean;
}

export function addPublish(program: Command): void {
  const command = program
    .command("publish")
    .description("publish an event, many of them, or ndjson from stdin")
    .argument("[type]", "the event's type; - for ndjson from stdin, an event a line")
    .option("--data <json>", "the event's other members, a JSON object")
    .option("--id <id>", "the event's id; without one its key has SNS's MessageId")
    .option("--time <time>", "the event's time, RFC 3339; without one its key has SNS's")
    .option("--source <source>", "the event's source")
    .option("--attribute <key=value>", "attribute of the message, a String; may be given again", pairs)
    .option("--group <id>", "MessageGroupId: the tenant that the events belong to, for fair queues", messageGroupId)
    .option("--sample <name>", "a message of event-pipeline samples instead")
    .option("--count <n>", "how many times", wholeNumber(1, 1_000_000_000))
    .option("--rate <n>", "events a second, at most", positiveNumber)
    .option("--no-validate", "also events that the pipeline would refuse; a sample is never checked")
    .addHelpText(
      "after",
      `
Examples:
  event-pipeline publish finding.new --data '{"severity":"high"}'
  event-pipeline publish --sample scan.started --count 1000 --rate 50
  event-pipeline publish - < events.ndjson

Prints a MessageId for each event that SNS took. Exit code 3: some were not published; they are
named by their line.`,
    );
  command.action(
    action<PublishOptions>(async (session, options, type) => {
      if ((type === "-" && process.stdin.isTTY) || (type === undefined && nothingSaid(options))) {
        command.outputHelp({ error: true });
        return EXIT_CODES.usage;
      }
      const groups = type === "-" ? await fromStdin(options) : await ofOptions(options, type);
      try {
        return await publishAll(session, groups, options, type === "-");
      } finally {
        process.stdin.destroy(); // Whoever still writes there is told so.
      }
    }),
  );
  program
    .command("samples")
    .description("the events that publish --sample has")
    .action(
      action(async ({ output }) => {
        const { SAMPLES } = await import("@event-pipeline/operations/publish/samples");
        if (output.json) for (const sample of SAMPLES) await output.record(sample);
        else
          await output.table(
            ["SAMPLE", "IS"],
            SAMPLES.map(({ name, description }) => [name, description]),
          );
        return undefined;
      }),
    );
}

type Said = Partial<Record<"data" | "id" | "time" | "source" | "sample", string | undefined>>;

function nothingSaid({ data, id, time, source, sample }: Said): boolean {
  return [data, id, time, source, sample].every((value) => value === undefined);
}

async function fromStdin({ attribute = {}, validate, count, ...others }: PublishOptions) {
  if (count !== undefined || !nothingSaid(others)) {
    throw new UsageError(
      "With - the lines are the events: leave out --data, --id, --time, --source, --sample and --count.",
    );
  }
  const { ndjson } = await import("@event-pipeline/operations/publish/sources");
  return ndjson(process.stdin, { attributes: attribute, validate });
}

async function ofOptions(options: PublishOptions, type?: string) {
  const { sample, attribute = {}, count = 1, validate, data, id, time, source } = options;
  const [{ eventText, refusalOf }, { repeated, tooLarge }] = await Promise.all([
    import("@event-pipeline/operations/publish/event-message"),
    import("@event-pipeline/operations/publish/sources"),
  ]);
  if (sample !== undefined && !(type === undefined && nothingSaid({ data, id, time, source }))) {
    throw new UsageError("A sample is published as it is: leave out the type, --data, --id, --time and --source.");
  }
  const message = sample === undefined ? eventText({ type, id, time, source }, data) : await messageOf(sample);
  const isChecked = sample === undefined && validate;
  const refusal = tooLarge(message, attribute) ?? (isChecked ? refusalOf(message) : undefined);
  if (refusal) throw new UsageError(refusal);
  return repeated(message, count);
}

async function messageOf(sample: string): Promise<string> {
  const { SAMPLES } = await import("@event-pipeline/operations/publish/samples");
  const found = SAMPLES.find(({ name }) => name === sample);
  if (found) return found.message;
  throw new UsageError(
    `There is no sample ${JSON.stringify(sample)}. There are ${SAMPLES.map(({ name }) => name).join(", ")}.`,
  );
}

async function publishAll(
  { pipeline, output, signal }: Session,
  groups: AsyncIterable<readonly Outgoing[]>,
  { attribute = {}, group: groupId, rate }: PublishOptions,
  areLines: boolean,
): Promise<ExitCode> {
  const { publish } = await import("@event-pipeline/operations/publish/publish");
  const start = performance.now();
  let published = 0;
  let failed = 0;
  let last = 0;
  const perSecond = () => (published / ((performance.now() - start) / 1_000)).toFixed(0);
  const progress = new Progress(output, () => `${published} published, ${failed} not, ${perSecond()}/s`);
  try {
    for await (const result of publish(pipeline(), groups, { attributes: attribute, groupId, rate, signal })) {
      if (result.messageId) published += 1;
      else failed += 1;
      last = result.line;
      await show(output, result, areLines);
    }
  } catch (error) {
    // That some are published is what the caller has to know; why not the others is said.
    if (published === 0 || !(error instanceof OperationError)) throw error;
    output.note(error.message);
  } finally {
    progress.end();
  }
  const total = published + failed;
  if (total !== 1) output.note(`${published} published, ${failed} not, ${perSecond()}/s.`);
  if (signal.aborted) {
    output.note(areLines ? `Stopped behind line ${last}; nothing after it is published.` : "Stopped.");
  } else if (published > 0 && !output.json) {
    output.note(`Follow one: event-pipeline events show MESSAGE_ID`);
  }
  return failed > 0 || signal.aborted ? EXIT_CODES.partly : EXIT_CODES.ok;
}

async function show(output: Output, { line, messageId, error }: Published, areLines: boolean): Promise<void> {
  if (output.json) {
    await output.record({ line, message_id: messageId, error_code: error?.code, reason: error?.reason });
  } else if (messageId !== undefined) {
    await output.line(messageId);
  } else if (!error?.endsAll) {
    output.note(`${areLines ? `Line ${line}` : `Event ${line}`} is not published (${error?.code}): ${error?.reason}`);
  }
}
