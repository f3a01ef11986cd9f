import { spawnSync } from "node:child_process";
import { median, times, withSpread } from "../statistics";
import type { Table } from "../table";

const GOAL = 2;

interface Candidate {
  readonly name: string;
  readonly args: readonly string[];
}

const EMPTY: Candidate = { name: "node -e 0", args: ["-e", "0"] };
const HELP: Candidate = { name: "**event-pipeline --help**", args: ["dist/cli/main.mjs", "--help"] };
const CANDIDATES: readonly Candidate[] = [
  EMPTY,
  HELP,
  { name: "event-pipeline samples", args: ["dist/cli/main.mjs", "samples"] },
  { name: "event-pipeline events show --help", args: ["dist/cli/main.mjs", "events", "show", "--help"] },
];

/** What the operator's command takes before it does anything, against an empty process. */
export async function command(quick: boolean): Promise<Table> {
  const figures = new Map(CANDIDATES.map((candidate): [Candidate, number[]] => [candidate, []]));
  for (let round = 0; round < (quick ? 7 : 40); round += 1) {
    for (const [{ args }, ms] of figures) ms.push(msOf(args));
  }
  const of = (candidate: Candidate) => figures.get(candidate) ?? [];
  return {
    title: "The operator's command",
    introduction: `The bundle is split: what a command needs of the AWS SDK is loaded when it is called. Each in a process of its own, in turn.`,
    columns: ["command", "time", "÷ empty"],
    rows: CANDIDATES.map((candidate) => [
      candidate.name,
      withSpread(of(candidate), "ms"),
      times(of(candidate), of(EMPTY)),
    ]),
    notes: [`Goal: --help within ${GOAL} × (${(median(of(HELP)) / median(of(EMPTY))).toFixed(2)} × here).`],
  };
}

function msOf(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - start;
}
