import { Child } from "../child";
import { median, rounded, times, withSpread } from "../statistics";
import { type CommandFigures, timeCommand } from "../synth/timed-command";
import type { Table } from "../table";

const GOAL_SHARE = 0.8;
const GOAL_MIB = 200;
/** Of the run that shows what memory a large archive takes. */
const MANY_EVENTS = 1_000_000;

const COMMANDS = {
  reconcile: ["reconcile", "--json"],
  replay: ["archive", "replay", "--yes", "--json"],
} as const;

type Command = keyof typeof COMMANDS;

/** How fast replay and reconcile work off an archive, and what memory they take. */
export async function operations(quick: boolean): Promise<Table> {
  const events = quick ? 50_000 : 100_000;
  const rows: string[][] = [];
  const shares: number[] = [];
  const peaks: number[] = [];
  await withArchive(events, async (endpoint) => {
    for (const command of Object.keys(COMMANDS) as Command[]) {
      const ours: CommandFigures[] = [];
      const bare: CommandFigures[] = [];
      for (let round = 0; round < (quick ? 2 : 5); round += 1) {
        ours.push(time(ourCommand(command, endpoint)));
        bare.push(time(["dist/bench/operations/bare-process.mjs", command, endpoint]));
      }
      const perSecond = (figures: readonly CommandFigures[]) => figures.map(({ ms }) => events / (ms / 1_000));
      shares.push(median(perSecond(ours)) / median(perSecond(bare)));
      peaks.push(...peaksOf(ours));
      rows.push(
        [`**${command}**`, withSpread(perSecond(ours), "/s"), times(perSecond(ours), perSecond(bare)), memory(ours)],
        [`${command}, the bare loop`, withSpread(perSecond(bare), "/s"), "", memory(bare)],
      );
    }
  });
  const many = quick ? events * 2 : MANY_EVENTS;
  await withArchive(many, async (endpoint) => {
    for (const command of Object.keys(COMMANDS) as Command[]) {
      const figures = time(ourCommand(command, endpoint), 600_000);
      peaks.push(...peaksOf([figures]));
      const perSecond = `${rounded(many / (figures.ms / 1_000))} /s`;
      rows.push([`${command}, ${many.toLocaleString("en-US")} events`, perSecond, "", memory([figures])]);
    }
  });
  return {
    title: "Replay and reconcile",
    introduction: `The operator's command, from its start to its end, on an archive of ${events.toLocaleString("en-US")} events in objects of 1,000, against a loop of the
same SDK calls (8 at a time) that checks nothing; each in a fresh process, in turn. S3, DynamoDB and SQS are one process
that answers at once, so that what is measured is the command's own work.`,
    columns: ["command", "events per second", "÷ bare loop", "most memory"],
    rows,
    notes: [
      `Goal: at least ${GOAL_SHARE} × of the bare loop (${shares.map((share) => share.toFixed(2)).join(" and ")} here), and less than ${GOAL_MIB} MiB however many events there are (${peaks.length > 0 ? rounded(Math.max(...peaks)) : "not measured"} here).`,
    ],
  };
}

async function withArchive(events: number, use: (endpoint: string) => Promise<void>): Promise<void> {
  const { child, ready } = await Child.start<object, object, { endpoint: string }>({
    file: "operations/aws-process.mjs",
    args: [String(events)],
  });
  try {
    await use(ready.endpoint);
  } finally {
    await child.stop();
  }
}

function ourCommand(command: Command, endpoint: string): string[] {
  return ["dist/cli/main.mjs", ...COMMANDS[command], "--local", "--endpoint-url", endpoint];
}

function time(args: readonly string[], timeoutMs?: number): CommandFigures {
  return timeCommand([process.execPath, ...args], ".", timeoutMs);
}

function peaksOf(figures: readonly CommandFigures[]): number[] {
  return figures.flatMap(({ peakMiB }) => peakMiB ?? []);
}

function memory(figures: readonly CommandFigures[]): string {
  const peaks = peaksOf(figures);
  return peaks.length > 0 ? `${rounded(median(peaks))} MiB` : "";
}
