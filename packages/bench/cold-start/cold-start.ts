import { execFileSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lambdaEnvironment } from "../environment";
import { median, times, withSpread } from "../statistics";
import type { Table } from "../table";
import { BARE_CLIENT, type Candidate, candidates, HANDLER } from "./candidates";
import type { Probed } from "./probe";

const RUNS = 15;
const RUNS_FULL = 25;
const GOAL_RATIO = 1.3;
const GOAL_KB = 400;
const PROBE = fileURLToPath(new URL("./cold-start/probe.mjs", import.meta.url));

/** How long a fresh process takes to import the bundle, and what it then holds in memory. */
export async function coldStart(quick: boolean): Promise<Table> {
  const all = candidates(quick);
  const probed = new Map<Candidate, Probed[]>(all.map((candidate) => [candidate, []]));
  try {
    for (const candidate of all) probe(candidate); // Warms the disk's cache, and fills the compile cache.
    for (let run = 0; run < (quick ? RUNS : RUNS_FULL); run += 1) {
      for (const [candidate, runs] of probed) runs.push(probe(candidate));
    }
  } finally {
    for (const { compileCache } of all) if (compileCache) rmSync(compileCache, { recursive: true, force: true });
  }
  const msOf = (candidate: Candidate) => (probed.get(candidate) ?? []).map(({ ms }) => ms);
  const ratio = median(msOf(HANDLER)) / median(msOf(BARE_CLIENT));
  const kilobytes = statSync(HANDLER.bundle).size / 1_000;
  return {
    title: "Cold start",
    introduction: `Import of the bundle in a fresh process (${quick ? RUNS : RUNS_FULL} each, in turn), clients constructed, and the process's resident memory after
it. The bare client is a bundle of \`new DynamoDBClient({})\` alone, made with the same esbuild options.`,
    columns: ["imported", "time", "÷ bare client", "memory", "file"],
    rows: [...probed].map(([candidate, runs]) => [
      candidate.name,
      withSpread(msOf(candidate), "ms"),
      times(msOf(candidate), msOf(baselineOf(candidate, all))),
      withSpread(
        runs.map(({ rssBytes }) => rssBytes / 2 ** 20),
        "MiB",
      ),
      `${Math.round(statSync(candidate.bundle).size / 1_000)} KB`,
    ]),
    notes: [
      `Goal: at most ${GOAL_RATIO} × the bare client (${ratio.toFixed(2)} here), in a bundle under ${GOAL_KB} KB (${Math.round(kilobytes)} here).`,
      ...(quick ? ["The variants (CommonJS, not minified, other clients, compile cache) are in the full run."] : []),
    ],
  };
}

/** The bare client under the same Node.js. */
function baselineOf({ node }: Candidate, all: readonly Candidate[]): Candidate {
  return all.find((other) => other.bundle === BARE_CLIENT.bundle && other.node === node) ?? BARE_CLIENT;
}

function probe({ bundle, node = process.execPath, compileCache }: Candidate): Probed {
  const args = [PROBE, bundle, ...(compileCache ? [compileCache] : [])];
  const env = { PATH: process.env.PATH, ...lambdaEnvironment() };
  const output = execFileSync(node, args, { encoding: "utf8", env, timeout: 30_000 });
  return JSON.parse(output.slice(output.lastIndexOf("{"))) as Probed;
}
