import { measureInTurn, median, quantile, ratio, rounded, withSpread } from "../statistics";
import type { Table } from "../table";
import { handingShare } from "./handing";
import { type Load, type LoadFigures, measureLoad } from "./load";
import { hasMinistack, startMinistack, startMinistackPipeline } from "./ministack";
import { type Startup, startBaseline, startByNpm, startLocalRun, startLocalRunWithOpenPage } from "./pipeline";

const FULL: Load = { events: 10_000, steadySeconds: 5 };
const QUICK: Load = { events: 2_000, steadySeconds: 3 };
const MIN_PER_SECOND = 1_000;
const MAX_P50_MS = 50;
/** Goals against ministack. */
const MIN_RATE_RATIO = 1.5;
const MAX_MEMORY_RATIO = 2;
const MAX_READY_RATIO = 1.5;
const MAX_HANDING_SHARE = 0.05;

const PIPELINES = {
  "**the local run**": () => startLocalRun(),
  "the local run, live page open": startLocalRunWithOpenPage,
  "the local run with `--no-page`": () => startLocalRun("--no-page"),
  baseline: startBaseline,
};

/** Measures the throughput and the latency of the local run. */
export async function localRun(quick: boolean): Promise<Table> {
  const load = quick ? QUICK : FULL;
  const rounds = quick ? 2 : 4;
  const others = hasMinistack() ? { ministack: startMinistackPipeline } : {};
  const figures = await measureInTurn(Object.entries({ ...PIPELINES, ...others }), rounds, ([, start]) =>
    measureLoad(start, load),
  );
  const [ours = [], withOpenPage = [], withoutPage = [], baseline = [], ministack] = figures.values();
  const rateOf = (runs: readonly LoadFigures[]) => runs.map(({ perSecond }) => perSecond);
  const readyOf = (runs: readonly LoadFigures[]) =>
    withSpread(
      runs.flatMap(({ readyMs }) => readyMs ?? []),
      "ms",
    );
  return {
    title: "Local run",
    introduction: `To measure the rate, the benchmark publishes ${load.events.toLocaleString("en-US")} events with PublishBatch (10 events per call, 4 calls in parallel).
To measure the latency, it then publishes 50 events per second for ${load.steadySeconds} s. Latency is the time from the Publish call until the event is stored.
The baseline is a loop of ReceiveMessage, BatchWriteItem and DeleteMessageBatch on the same local services. It has no Lambda process,
archive or hops. ministack is an AWS emulator in Python (\`pip install ministack\`). On it, the SDK's clients create the topic, the
queue, the table and the function of this project, without the archive. Each measurement starts a new process and verifies that
the table has each event once. Memory is that of the server's process, without its functions.`,
    columns: ["pipeline", "events per second", "÷ baseline", "p50", "p99", "memory"],
    rows: [
      ...[...figures].map(([[name], runs]) => [
        name,
        withSpread(rateOf(runs), "/s"),
        ratio(rateOf(runs), rateOf(baseline)),
        latency(runs, 0.5),
        latency(runs, 0.99),
        memory(runs),
      ]),
      ...(ministack ? [] : [["ministack", "not measured: it is not on the PATH", "", "", "", ""]]),
    ],
    notes: [
      `Goal: at least ${MIN_PER_SECOND.toLocaleString("en-US")} events per second (measured: ${rounded(median(rateOf(ours)))}) and a p50 of at most ${MAX_P50_MS} ms (measured: ${latency(ours, 0.5)}).`,
      `Goal: with the live page open, at least 0.8 × the events per second of \`--no-page\` (measured: ${ratio(rateOf(withOpenPage), rateOf(withoutPage))}). Startup takes ${readyOf(ours)} with the page and ${readyOf(withoutPage)} without it.`,
      ...(ministack ? [againstMinistack(ours, ministack), await readyAgainstMinistack(rounds)] : []),
      `Goal: at most ${percent(MAX_HANDING_SHARE)} of the local run's CPU time hands batches to the function (measured in a CPU profile: ${percent(await handingShare(load))}).`,
      "The benchmark process publishes the load and shares the cores with the pipeline.",
    ],
  };
}

function againstMinistack(ours: readonly LoadFigures[], ministack: readonly LoadFigures[]): string {
  const ratioOf = (figure: (run: LoadFigures) => number) => ratio(ours.map(figure), ministack.map(figure));
  return `Goal: at least ${MIN_RATE_RATIO} × ministack's events per second (measured: ${ratioOf(({ perSecond }) => perSecond)}), and at most ${MAX_MEMORY_RATIO} × its memory (measured: ${ratioOf(({ rssMiB }) => rssMiB[0])}).`;
}

/** Compares the startup of `npm start`, when nothing has changed since the last build, with that of ministack. */
async function readyAgainstMinistack(rounds: number): Promise<string> {
  const measure = async (start: () => Promise<Startup>) => {
    const { readyMs, stop } = await start();
    await stop();
    return readyMs;
  };
  await measure(startByNpm); // Builds and synthesizes.
  const figures = await measureInTurn<() => Promise<Startup>, number>([startByNpm, startMinistack], rounds, measure);
  const [ours = [], ministack = []] = figures.values();
  return `Goal: when nothing has changed since the last build, \`npm start\` is ready within ${MAX_READY_RATIO} × the time of ministack's start (measured: ${withSpread(ours, "ms")} and ${withSpread(ministack, "ms")}, ${ratio(ours, ministack)}).`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function latency(runs: readonly LoadFigures[], q: number): string {
  if (runs.every(({ latenciesMs }) => latenciesMs.length === 0)) return "";
  return withSpread(
    runs.map(({ latenciesMs }) => quantile(latenciesMs, q)),
    "ms",
  );
}

function memory(runs: readonly LoadFigures[]): string {
  const [own = 0, children = 0] = [0, 1].map((index) => median(runs.map(({ rssMiB }) => rssMiB[index] ?? 0)));
  return `${rounded(own)} MiB${children > 0 ? `, handlers ${rounded(children)} MiB` : ""}`;
}
