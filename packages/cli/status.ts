import { setTimeout as sleep } from "node:timers/promises";
import type { AlarmStatus } from "@event-pipeline/operations/status/alarms";
import type { DeadLetterReasons } from "@event-pipeline/operations/status/dead-letters";
import type { Status } from "@event-pipeline/operations/status/status";
import type { Command } from "commander";
import { action } from "./action";
import { ago } from "./ago";
import { wholeNumber } from "./option-values";
import type { Output, Style } from "./output";

interface StatusOptions {
  /** Seconds, or true for the default. */
  readonly watch?: number | true;
  readonly deadLetters: number;
}

const WATCH_SECONDS = 5;
const DEAD_LETTERS = 100;

/** To the top, and everything below it away. */
const CLEAR_SCREEN = "\u001b[H\u001b[J";

export function addStatus(program: Command): void {
  program
    .command("status")
    .description("the pipeline at a glance: queues, dead letters, last stored event, archive, alarms")
    .option(
      "--watch [seconds]",
      `again every ${WATCH_SECONDS} seconds, or so many, until Ctrl-C`,
      wholeNumber(1, 3_600),
    )
    .option(
      "--dead-letters <n>",
      "dead letters that are looked at for their reasons, at most; a look counts as a receive",
      wholeNumber(0, 10_000),
      DEAD_LETTERS,
    )
    .action(
      action<StatusOptions>(async ({ pipeline, output, signal }, { watch, deadLetters }) => {
        const { status } = await import("@event-pipeline/operations/status/status");
        const seconds = watch === true ? WATCH_SECONDS : watch;
        let seen: Status | undefined;
        do {
          seen = await status(pipeline(), { deadLettersLookedAt: deadLetters, previous: seen, signal });
          if (output.json) await output.record(recordOf(seen));
          else await show(output, seen, pipeline().description, seconds !== undefined);
          if (seconds !== undefined) await sleep(seconds * 1_000, undefined, { signal }).catch(() => undefined);
        } while (seconds !== undefined && !signal.aborted);
        return undefined;
      }),
    );
}

function recordOf({ at, queues, oldestSeconds, deadLetters, lastStored, archive, alarms, notSeen }: Status): object {
  return {
    at: at.toISOString(),
    queues: queues?.map(({ inFlight: in_flight, ...others }) => ({ ...others, in_flight })),
    oldest_seconds: oldestSeconds,
    dead_letters: deadLetters && {
      by_code: Object.fromEntries(deadLetters.byCode.map(({ code, count }) => [code, count])),
      looked_at: deadLetters.looked,
      whole: deadLetters.whole,
    },
    last_stored: lastStored && { at: lastStored.at.toISOString(), ...lastStored.record },
    archive: archive && {
      bucket: archive.bucket,
      newest_object: archive.newest?.key,
      newest_at: archive.newest?.at.toISOString(),
    },
    alarms: alarms?.map(({ since, ...alarm }) => ({ ...alarm, since: since?.toISOString() })),
    not_seen: notSeen,
  };
}

async function show(output: Output, status: Status, title: string, isWatched: boolean): Promise<void> {
  const { at, queues, oldestSeconds, deadLetters, lastStored, archive, alarms, notSeen } = status;
  if (isWatched && process.stdout.isTTY) await output.write(CLEAR_SCREEN);
  await output.line(`${output.paint("bold", title)}  ${output.paint("dim", at.toISOString())}`);
  if (queues) {
    const rows = queues.map(({ name, visible, inFlight, delayed }) => [visible, inFlight, delayed, name].map(String));
    await output.table(["WAITING", "IN FLIGHT", "DELAYED", "QUEUE"], rows);
  }
  const row = (what: string, text: string, style?: Style) =>
    output.line(`${what.padEnd(15)}${style ? output.paint(style, text) : text}`);
  if (oldestSeconds !== undefined) await row("oldest message", `${oldestSeconds} s`);
  if (deadLetters) await row("dead letters", reasonsOf(deadLetters), "red");
  if (!notSeen.some(({ what }) => what === "last stored event")) {
    const { event_type: type, sns_message_id: id } = lastStored?.record ?? {};
    const event = [type, id].filter(Boolean).join("  ");
    await row("last stored", lastStored ? `${ago(lastStored.at)} ago  ${event}` : "nothing within 3 hours");
  }
  if (archive) {
    const { newest, bucket } = archive;
    const text = newest
      ? `${ago(newest.at)} ago  s3://${bucket}/${newest.key}`
      : `no object of s3://${bucket} within a day`;
    await row("last archived", text);
  }
  if (alarms) await showAlarms(output, alarms);
  for (const { what, why } of notSeen) output.note(output.paintNote("dim", `Not seen: ${what}. ${why}`));
}

function reasonsOf({ byCode, looked, whole }: DeadLetterReasons): string {
  const codes = byCode.map(({ code, count }) => `${count} ${code}`).join(", ");
  return `${codes} (${whole ? "all" : "the first"} ${looked} looked at, which counts as a receive of each)`;
}

async function showAlarms(output: Output, alarms: readonly AlarmStatus[]): Promise<void> {
  const raised = alarms.filter(({ state }) => state === "ALARM");
  await output.line(`${"alarms".padEnd(15)}${raised.length} of ${alarms.length} raised`);
  for (const { name, since, reason = "" } of raised) {
    const age = since ? `  ${ago(since)}` : "";
    await output.line(`  ${output.paint("red", name)}${age}  ${reason}`);
  }
}
