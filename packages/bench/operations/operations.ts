import { Child } from "../child";
import { measureInTurn, median, rounded, times, withSpread } from "../statistics";
import type { Table } from "../table";
import { type CommandFigures, timeCommand } from "./timed-command";

const MIN_SHARE = 0.8;
const MAX_MIB = 200;
/** Size of the archive that shows the memory use. */
const MANY_EVENTS = 1_000_000;

const COMMANDS = {
  reconcile: ["reconcile", "--json"],
  replay: ["archive", "replay", "--yes", "--json"],
} as const;

/** Measures how fast replay and reconcile read an archive, and how much memory they take. */
export async function operations(quick: boolean): Promise<Table> {
  const events = quick ? 50_000 : 100_000;
  const many = quick ? events * 2 : MANY_EVENTS;
  const rows: string[][] = [];
  const shares: string[] = [];
  const peaks: number[] = [];
  await withArchive(events, async (endpoint) => {
    for (const [name, command] of Object.entries(COMMANDS)) {
      const candidates = [cli(command, endpoint), ["dist/bench/operations/bare-process.mjs", name, endpoint]];
      const figures = await measureInTurn(candidates, quick ? 2 : 5, (args) => timeCommand(args));
      const [ours = [], bare = []] = figures.values();
      const perSecond = (runs: readonly CommandFigures[]) => runs.map(({ ms }) => events / (ms / 1_000));
      const share = times(perSecond(ours), perSecond(bare));
      shares.push(share);
      peaks.push(...peaksOf(ours));
      rows.push(
        [`**${name}**`, withSpread(perSecond(ours), "/s"), share, memory(ours)],
        [`${name}, the bare loop`, withSpread(perSecond(bare), "/s"), "", memory(bare)],
      );
    }
  });
  await withArchive(many, async (endpoint) => {
    for (const [name, command] of Object.entries(COMMANDS)) {
      const figures = timeCommand(cli(command, endpoint));
      peaks.push(...peaksOf([figures]));
      const perSecond = `${rounded(many / (figures.ms / 1_000))} /s`;
      rows.push([`${name}, ${many.toLocaleString("en-US")} events`, perSecond, "", memory([figures])]);
    }
  });
  return {
    title: "Replay and reconcile",
    introduction: `Each CLI command processes an archive of ${events.toLocaleString("en-US")} events in objects of 1,000, from the start of its process to its end.
The bare loop makes the same SDK calls (8 in parallel) and checks nothing. One process serves S3, DynamoDB and SQS and answers
at once, so the figures show the command's own work.`,
    columns: ["command", "events per second", "÷ bare loop", "peak memory"],
    rows,
    notes: [
      `Goal: at least ${MIN_SHARE} × the bare loop (measured: ${shares.join(" and ")}), and less than ${MAX_MIB} MiB for any number of events (measured: ${peaks.length > 0 ? rounded(Math.max(...peaks)) : "no GNU time"}).`,
    ],
  };
}

async function withArchive(events: number, use: (endpoint: string) => Promise<void>): Promise<void> {
  const { child, ready } = await Child.start<object, object, { endpoint: string }>({
    file: "operations/aws-process.mjs",
    args: [String(events)],
  });
  await use(ready.endpoint).finally(() => child.stop());
}

function cli(command: readonly string[], endpoint: string): string[] {
  return ["dist/cli/main.mjs", ...command, "--local", "--endpoint-url", endpoint];
}

function peaksOf(figures: readonly CommandFigures[]): number[] {
  return figures.flatMap(({ peakMiB }) => peakMiB ?? []);
}

function memory(figures: readonly CommandFigures[]): string {
  const peaks = peaksOf(figures);
  return peaks.length > 0 ? `${rounded(median(peaks))} MiB` : "";
}
