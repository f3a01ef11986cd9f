import { Child, runNode } from "../child";
import { measureInTurn, median, ratio, rounded, withSpread } from "../statistics";
import type { Table } from "../table";

const MIN_SHARE = 0.8;
const MAX_MIB = 200;
/** Number of events in the archive used to measure memory. */
const MANY_EVENTS = 1_000_000;

/** Module that writes the process's peak memory in KiB to stderr on exit. */
const REPORT_PEAK =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('\\n'+process.resourceUsage().maxRSS))";

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
      const candidates = [cli(command, endpoint), ["dist/bench/operations/baseline-process.mjs", name, endpoint]];
      const figures = await measureInTurn(candidates, quick ? 2 : 5, (args) => measure(args, events));
      const [ours = [], baseline = []] = [...figures.values()].map((runs) => runs.map(({ perSecond }) => perSecond));
      const [ourPeaks = [], baselinePeaks = []] = [...figures.values()].map((runs) =>
        runs.map(({ peakMiB }) => peakMiB),
      );
      const share = ratio(ours, baseline);
      shares.push(share);
      peaks.push(...ourPeaks);
      rows.push(
        [`**${name}**`, withSpread(ours, "/s"), share, `${rounded(median(ourPeaks))} MiB`],
        [`${name}, baseline`, withSpread(baseline, "/s"), "", `${rounded(median(baselinePeaks))} MiB`],
      );
    }
  });
  await withArchive(many, async (endpoint) => {
    for (const [name, command] of Object.entries(COMMANDS)) {
      const { perSecond, peakMiB } = measure(cli(command, endpoint), many);
      peaks.push(peakMiB);
      const label = `${name}, ${many.toLocaleString("en-US")} events`;
      rows.push([label, `${rounded(perSecond)} /s`, "", `${rounded(peakMiB)} MiB`]);
    }
  });
  return {
    title: "Replay and reconcile",
    introduction: `Each CLI command processes an archive of ${events.toLocaleString("en-US")} events in objects of 1,000 events.
The time is that of the whole process. The baseline makes the same SDK calls (8 in parallel) without any checks. One process serves
S3, DynamoDB and SQS without delay, so the figures show the command's own work.`,
    columns: ["command", "events per second", "÷ baseline", "peak memory"],
    rows,
    notes: [
      `Goal: at least ${MIN_SHARE} × the baseline's events per second (measured: ${shares.join(" and ")}), and less than ${MAX_MIB} MiB of memory for any number of events (measured: ${rounded(Math.max(...peaks))} MiB).`,
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

function measure(args: readonly string[], events: number) {
  const { ms, stderr } = runNode(["--import", REPORT_PEAK, ...args]);
  return { perSecond: events / (ms / 1_000), peakMiB: Number(stderr.split("\n").at(-1)) / 1_024 };
}
