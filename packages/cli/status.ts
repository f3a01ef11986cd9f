import type { LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { formatAge } from "@event-pipeline/node-process/format-age";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { areCredentialsRefused, knownValue, type Reading } from "@event-pipeline/operations/reading";
import type { AlarmStatus, DeadLetterReasons, PipelineStatus } from "@event-pipeline/operations/status/status";
import type { Command } from "commander";
import { type CreateAction, exitCodeOf } from "./action";
import { wholeNumber } from "./option-values";
import type { Output } from "./output";

interface StatusCommandOptions {
  /** The number of seconds between two updates, or true for the default. */
  readonly watch?: number | true;
  readonly deadLetters: number;
}

const WATCH_SECONDS = 5;
const DEAD_LETTERS = 100;

/** The escape sequence that moves the cursor to the top of the screen and clears it. */
const CLEAR_SCREEN = "\u001b[H\u001b[J";

export function addStatusCommand(program: Command, action: CreateAction): void {
  program
    .command("status")
    .summary("Show queues, dead letters, the last event and alarms")
    .description("Show queues, dead letters, the last stored event, the newest archive object and raised alarms")
    .option(
      "--watch [seconds]",
      `Update the status until Ctrl-C, at this interval in seconds (default: ${WATCH_SECONDS})`,
      wholeNumber(1, 3_600),
    )
    .option(
      "--dead-letters <n>",
      "Maximum number of dead letters to peek at; a peek adds 1 to their receive counts",
      wholeNumber(0, 10_000),
      DEAD_LETTERS,
    )
    .addHelpText(
      "after",
      `
A source that cannot be read, or a queue that does not exist, is named on stderr, and the exit code is 3. With --watch, the command tries again, and ends by itself only if AWS rejects the credentials.`,
    )
    .action(
      action<StatusCommandOptions>(async ({ pipeline, output, signal }, { watch, deadLetters: maxDeadLetters }) => {
        const { pipelineStatus, watchStatus } = await import("@event-pipeline/operations/status/status");
        const seconds = watch === true ? WATCH_SECONDS : watch;
        const show = async (status: PipelineStatus) => {
          if (output.json) await output.record(recordOf(status, pipeline()));
          else await print(output, status, pipeline(), seconds !== undefined);
          noteUnread(output, status);
        };
        if (seconds !== undefined) {
          let outages: PipelineStatus["outages"] = [];
          for await (const status of watchStatus(pipeline(), { seconds, maxDeadLetters, signal })) {
            await show(status);
            outages = status.outages;
          }
          return exitCodeOf(true, outages.find(({ error }) => areCredentialsRefused(error))?.error);
        }
        const status = await output.progress(
          () => "reading the status",
          () => pipelineStatus(pipeline(), { maxDeadLetters, signal }),
        );
        const { queues, oldestSeconds, lastStored, archive, alarms, missingQueues, outages } = status;
        const [first] = outages;
        const isNothingRead = [queues, oldestSeconds, lastStored, archive, alarms].every(
          ({ state }) => state !== "there",
        );
        if (isNothingRead && first) throw first.error;
        await show(status);
        return exitCodeOf(
          outages.length === 0 && missingQueues.length === 0,
          outages.find(({ error }) => areCredentialsRefused(error))?.error,
        );
      }),
    );
}

function recordOf(status: PipelineStatus, pipeline: Pipeline): object {
  const { at, missingQueues, unsupported, outages } = status;
  const [deadLetters, lastStored] = [knownValue(status.deadLetters), knownValue(status.lastStored)];
  const archive = knownValue(status.archive);
  return {
    at,
    queues: knownValue(status.queues)?.map(({ counts, ...queue }) => {
      const { inFlight: in_flight, ...others } = knownValue(counts) ?? {};
      return { ...queue, ...others, in_flight };
    }),
    oldest_seconds: knownValue(status.oldestSeconds),
    dead_letters: deadLetters && {
      by_code: Object.fromEntries(deadLetters.byCode.map(({ code, count }) => [code, count])),
      looked_at: deadLetters.peeked,
      whole: deadLetters.complete,
    },
    last_stored: lastStored && { at: lastStored.at, ...lastStored.record },
    archive: archive && { bucket: archive.bucket, newest_object: archive.newest?.key, newest_at: archive.newest?.at },
    alarms: knownValue(status.alarms)?.map(({ since, ...alarm }) => ({ ...alarm, since })),
    not_seen: [
      ...missingQueues.map((what) => ({ what, why: missingQueueText(pipeline) })),
      ...unsupported.map(({ source: what, error }) => ({ what, why: error.message })),
      ...outages.map(({ source: what, error, since }) => ({ what, why: error.message, since })),
    ],
  };
}

function missingQueueText(pipeline: Pipeline): string {
  return `The queue does not exist. Run: ${pipeline.cliCommand("doctor")}`;
}

async function print(output: Output, status: PipelineStatus, pipeline: Pipeline, isRepeated: boolean): Promise<void> {
  const { at, queues, oldestSeconds, deadLetters, lastStored, archive, alarms, missingQueues, unsupported } = status;
  if (isRepeated && output.io.stdout.isTTY) await output.write(CLEAR_SCREEN);
  await output.line(
    `${output.paint("bold", pipeline.description)}  ${output.paint("dim", `${at.toISOString().slice(0, 19)}Z`)}`,
  );
  if (queues.state === "there") {
    const rows = queues.value.map(({ name, counts }) => {
      const { visible = "?", inFlight = "?", delayed = "?" } = knownValue(counts) ?? {};
      return [visible, inFlight, delayed, name].map(String);
    });
    rows.push(...missingQueues.map((name) => ["-", "-", "-", `${name} (does not exist)`]));
    await output.table(["WAITING", "IN FLIGHT", "DELAYED", "QUEUE"], rows);
  }
  /** Prints a row, unless the endpoint does not have the source, or there is no value and no text for that. */
  const row = async <T>(what: string, reading: Reading<T>, textOf: (value: T) => string, noneText?: string) => {
    if (unsupported.some(({ error }) => reading.state === "not known" && reading.error === error)) return;
    const text =
      reading.state === "there" ? textOf(reading.value) : reading.state === "not there" ? noneText : "not known";
    if (text !== undefined) await output.line(`${what.padEnd(15)}${text}`);
  };
  await row("queues", queues.state === "there" ? { state: "not there" } : queues, () => "");
  const oldest = knownValue(oldestSeconds) === 0 ? { state: "not there" as const } : oldestSeconds;
  await row("oldest message", oldest, (seconds) => `${seconds} s in ${pipeline.processor.queueName}`);
  await row("dead letters", deadLetters, (reasons) => output.paint("red", reasonsOf(reasons)));
  const storedText = ({ at: storedAt, record }: { readonly at: Date; readonly record: LoggedRecord | undefined }) =>
    `${formatAge(storedAt)} ago  ${[record?.event_type, record?.sns_message_id].filter(Boolean).join("  ")}`;
  await row("last stored", lastStored, storedText, "none in the last 3 hours");
  await row("last archived", archive, ({ bucket, newest }) => {
    if (!newest) return `no object in s3://${bucket} in the last 24 hours`;
    const age = newest.at ? `${formatAge(newest.at)} ago` : "at an unknown time";
    return `${age}  ${output.cut(`s3://${bucket}/${newest.key}`, age.length + 17)}`;
  });
  if (alarms.state === "there") await printAlarms(output, alarms.value);
  else await row("alarms", alarms, () => "");
  for (const queue of missingQueues) output.note(`Missing: ${queue}. ${missingQueueText(pipeline)}`);
  if (unsupported.length > 0) {
    const { endpoint } = pipeline.connection;
    const sources = unsupported.map(({ source }) => source).join(", ");
    output.note(output.paintNote("dim", `Not available${endpoint ? ` at ${endpoint}` : ""}: ${sources}.`));
  }
}

/** Names the sources that could not be read, once for each error. */
function noteUnread(output: Output, { outages }: PipelineStatus): void {
  for (const message of new Set(outages.map(({ error }) => error.message))) {
    const same = outages.filter(({ error }) => error.message === message);
    const since = new Date(Math.min(...same.map((outage) => outage.since.getTime())));
    const sources = same.map(({ source }) => source).join(", ");
    output.note(`Cannot read since ${since.toISOString()}: ${sources}. ${message}`);
  }
}

function reasonsOf({ byCode, peeked, complete, problem }: DeadLetterReasons): string {
  const codes = byCode.map(({ code, count }) => `${count} ${code}`).join(", ");
  const part = complete ? "all" : problem ? "only" : "the first";
  return `${codes || "not known"} (${part} ${peeked}; the peek added 1 to their receive counts)`;
}

async function printAlarms(output: Output, alarms: readonly AlarmStatus[]): Promise<void> {
  const raised = alarms.filter(({ state }) => state === "ALARM");
  await output.line(`${"alarms".padEnd(15)}${raised.length} of ${alarms.length} in ALARM`);
  for (const { name, since, reason = "" } of raised) {
    await output.line(`  ${output.paint("red", name)}${since ? `  ${formatAge(since)}` : ""}  ${reason}`);
  }
}
