import { measureInTurn, median, quantile, rounded, times, withSpread } from "../statistics";
import type { Table } from "../table";
import { type Load, type LoadFigures, measureLoad } from "./load";
import { startBareLoop, startLocalRun, startLocalRunWithOpenPage } from "./pipeline";

const FULL: Load = { events: 10_000, steadySeconds: 5 };
const QUICK: Load = { events: 2_000, steadySeconds: 3 };
const MIN_PER_SECOND = 1_000;
const MAX_P50_MS = 50;

const PIPELINES = {
  "**the local run**": () => startLocalRun(),
  "the local run, live page open": startLocalRunWithOpenPage,
  "the local run with `--no-page`": () => startLocalRun("--no-page"),
  "the bare loop": startBareLoop,
};

/** Measures the throughput and the latency of the local run. */
export async function localRun(quick: boolean): Promise<Table> {
  const load = quick ? QUICK : FULL;
  const figures = await measureInTurn(Object.entries(PIPELINES), quick ? 2 : 4, ([, start]) =>
    measureLoad(start, load),
  );
  const [ours = [], withOpenPage = [], withoutPage = [], bare = []] = figures.values();
  const rateOf = (runs: readonly LoadFigures[]) => runs.map(({ perSecond }) => perSecond);
  const readyOf = (runs: readonly LoadFigures[]) =>
    withSpread(
      runs.flatMap(({ readyMs }) => readyMs ?? []),
      "ms",
    );
  return {
    title: "Local run",
    introduction: `Each pipeline receives ${load.events.toLocaleString("en-US")} events through PublishBatch (10 events a call, 4 calls in parallel), which
gives the rate. Then it receives 50 events per second for ${load.steadySeconds} s, which gives the latency: from the Publish call until the event is stored.
The bare loop uses the same embedded AWS with one SDK consumer: ReceiveMessage, BatchWriteItem, DeleteMessageBatch. It has no Lambda
process, no archive and no hops. Each measurement starts a new process, and verifies that the table holds every event once.`,
    columns: ["pipeline", "events per second", "÷ bare loop", "p50", "p99", "memory"],
    rows: [...figures].map(([[name], runs]) => [
      name,
      withSpread(rateOf(runs), "/s"),
      times(rateOf(runs), rateOf(bare)),
      latency(runs, 0.5),
      latency(runs, 0.99),
      memory(runs),
    ]),
    notes: [
      `Goal: at least ${MIN_PER_SECOND.toLocaleString("en-US")} events per second (measured: ${rounded(median(rateOf(ours)))}) and a p50 of at most ${MAX_P50_MS} ms (measured: ${latency(ours, 0.5)}).`,
      `Goal: with the live page open, at least 0.8 × the events per second of \`--no-page\` (measured: ${times(rateOf(withOpenPage), rateOf(withoutPage))}). The page does not delay the start: ${readyOf(ours)} with it, ${readyOf(withoutPage)} without it.`,
      "The benchmark process publishes the load and shares the cores with the pipeline.",
    ],
  };
}

function latency(runs: readonly LoadFigures[], q: number): string {
  return withSpread(
    runs.map(({ latenciesMs }) => quantile(latenciesMs, q)),
    "ms",
  );
}

function memory(runs: readonly LoadFigures[]): string {
  const [own = 0, children = 0] = [0, 1].map((index) => median(runs.map(({ rssMiB }) => rssMiB[index] ?? 0)));
  return `${rounded(own)} MiB${children > 0 ? `, handlers ${rounded(children)} MiB` : ""}`;
}
