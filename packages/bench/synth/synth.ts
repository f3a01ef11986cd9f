import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { median, times, withSpread } from "../statistics";
import type { Table } from "../table";
import { makeBaselineProject } from "./baseline-project";
import { type CommandFigures, timeCommand } from "./timed-command";

const GOAL_MS = 1_500;
const OUTPUT = "cdktf.out/stages/dev/cdk.tf.json";

interface Candidate {
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
}

const NPM_SYNTH = ["npm", "run", "--silent", "synth"];

/** `npm run synth` against the same stack in the way of CDKTF's template. */
export async function synth(quick: boolean): Promise<Table> {
  const folder = makeBaselineProject();
  const ours: Candidate = { name: "**npm run synth**", command: NPM_SYNTH, folder: "." };
  const template: Candidate = { name: "the template's way", command: NPM_SYNTH, folder };
  const figures = new Map<Candidate, CommandFigures[]>([
    [ours, []],
    [{ name: "its step 1, bundling", command: ["node", "tools/build.mjs", "app"], folder: "." }, []],
    [{ name: "its step 2, the app", command: ["node", "dist/app/main.js"], folder: "." }, []],
    [template, []],
  ]);
  try {
    // Warms the disk's cache; the quick run has not the time for it.
    if (!quick) for (const { command, folder: cwd } of [ours, template]) timeCommand(command, cwd);
    for (let round = 0; round < (quick ? 2 : 6); round += 1) {
      for (const [{ command, folder: cwd }, runs] of figures) runs.push(timeCommand(command, cwd));
    }
    verifySameStack(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const msOf = (candidate: Candidate) => (figures.get(candidate) ?? []).map(({ ms }) => ms);
  return {
    title: "Synth",
    introduction: `The template's way is ts-node with its type-check, and the provider imported from the root of its package; it ran on this
project's own sources, their imports rewritten, and gave the same JSON. Memory is the peak of the largest process.`,
    columns: ["command", "time", "÷ ours", "peak memory"],
    rows: [...figures].map(([candidate, runs]) => [
      candidate.name,
      withSpread(msOf(candidate), "ms"),
      times(msOf(candidate), msOf(ours)),
      peakOf(runs),
    ]),
    notes: [
      `Goal: ours under ${GOAL_MS / 1_000} s (${(median(msOf(ours)) / 1_000).toFixed(2)} s here).`,
      "Ours checks no types; `npm run check` does, and the gate runs it.",
    ],
  };
}

function verifySameStack(folder: string): void {
  // The version of cdktf stands in both; the order of keys is the order of construction.
  if (readFileSync(OUTPUT, "utf8") !== readFileSync(join(folder, OUTPUT), "utf8")) {
    throw new Error(`The baseline synthesizes another stack than this project: compare ${OUTPUT} with ${folder}.`);
  }
}

function peakOf(runs: readonly CommandFigures[]): string {
  const peaks = runs.flatMap(({ peakMiB }) => peakMiB ?? []);
  return peaks.length > 0 ? withSpread(peaks, "MiB") : "not measured (no GNU time)";
}
