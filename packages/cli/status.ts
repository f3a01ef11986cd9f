import { setTimeout as sleep } from "node:timers/promises";
import { formatAge } from "@event-pipeline/node-process/format-age";
import type { TextStyle } from "@event-pipeline/node-process/standard-output";
import type { AlarmStatus, DeadLetterReasons, PipelineStatus } from "@event-pipeline/operations/status/status";
import type { Command } from "commander";
import type { CreateAction } from "./action";
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
    .action(
      action<StatusCommandOptions>(async ({ pipeline, output, signal }, { watch, deadLetters }) => {
        const { pipelineStatus } = await import("@event-pipeline/operations/status/status");
        const seconds = watch === true ? WATCH_SECONDS : watch;
        let previous: PipelineStatus | undefined;
        do {
          const status = await pipelineStatus(pipeline(), { maxDeadLetters: deadLetters, previous, signal });
          previous = status;
          if (output.json) await output.record(recordOf(status));
          else await print(output, status, pipeline().description, seconds !== undefined);
          if (seconds !== undefined) await sleep(seconds * 1_000, undefined, { signal }).catch(() => undefined);
        } while (seconds !== undefined && !signal.aborted);
      }),
    );
}

function recordOf(status: PipelineStatus): object {
  const { at, queues, oldestSeconds, deadLetters, lastStored, archive, alarms, unavailable } = status;
  return {
    at,
    queues: queues?.map(({ inFlight: in_flight, ...others }) => ({ ...others, in_flight })),
    oldest_seconds: oldestSeconds,
    dead_letters: deadLetters && {
      by_code: Object.fromEntries(deadLetters.byCode.map(({ code, count }) => [code, count])),
      looked_at: deadLetters.peeked,
      whole: deadLetters.complete,
    },
    last_stored: lastStored && { at: lastStored.at, ...lastStored.record },
    archive: archive && { bucket: archive.bucket, newest_object: archive.newest?.key, newest_at: archive.newest?.at },
    alarms: alarms?.map(({ since, ...alarm }) => ({ ...alarm, since })),
    not_seen: unavailable,
  };
}

async function print(output: Output, status: PipelineStatus, title: string, isRepeated: boolean): Promise<void> {
  const { at, queues, oldestSeconds, deadLetters, lastStored, archive, alarms, unavailable } = status;
  if (isRepeated && output.io.stdout.isTTY) await output.write(CLEAR_SCREEN);
  await output.line(`${output.paint("bold", title)}  ${output.paint("dim", at.toISOString())}`);
  if (queues) {
    const rows = queues.map(({ name, visible, inFlight, delayed }) => [visible, inFlight, delayed, name].map(String));
    await output.table(["WAITING", "IN FLIGHT", "DELAYED", "QUEUE"], rows);
  }
  const row = (what: string, text: string, style?: TextStyle) =>
    output.line(`${what.padEnd(15)}${style ? output.paint(style, text) : text}`);
  if (oldestSeconds !== undefined) await row("oldest message", `${oldestSeconds} s`);
  if (deadLetters) await row("dead letters", reasonsOf(deadLetters), "red");
  if (!unavailable.some(({ what }) => what === "last stored event")) {
    const { event_type: type, sns_message_id: id } = lastStored?.record ?? {};
    const event = [type, id].filter(Boolean).join("  ");
    await row("last stored", lastStored ? `${formatAge(lastStored.at)} ago  ${event}` : "none in the last 3 hours");
  }
  if (archive) {
    const { newest, bucket } = archive;
    const text = newest
      ? `${formatAge(newest.at)} ago  s3://${bucket}/${newest.key}`
      : `no object in s3://${bucket} in the last 24 hours`;
    await row("last archived", text);
  }
  if (alarms) await printAlarms(output, alarms);
  for (const { what, why } of unavailable) output.note(output.paintNote("dim", `Not available: ${what}. ${why}`));
}

function reasonsOf({ byCode, peeked, complete }: DeadLetterReasons): string {
  const codes = byCode.map(({ code, count }) => `${count} ${code}`).join(", ");
  return `${codes} (${complete ? "all" : "the first"} ${peeked}; the peek added 1 to their receive counts)`;
}

async function printAlarms(output: Output, alarms: readonly AlarmStatus[]): Promise<void> {
  const raised = alarms.filter(({ state }) => state === "ALARM");
  await output.line(`${"alarms".padEnd(15)}${raised.length} of ${alarms.length} in ALARM`);
  for (const { name, since, reason = "" } of raised) {
    await output.line(`  ${output.paint("red", name)}${since ? `  ${formatAge(since)}` : ""}  ${reason}`);
  }
}
