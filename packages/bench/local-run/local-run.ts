import { measureInTurn, median, quantile, ratio, rounded, withSpread } from "../statistics";
import type { Table } from "../table";
import { type Load, type LoadFigures, measureLoad } from "./load";
import { startBaseline, startLocalRun, startLocalRunWithOpenPage } from "./pipeline";

const FULL: Load = { events: 10_000, steadySeconds: 5 };
const QUICK: Load = { events: 2_000, steadySeconds: 3 };
const MIN_PER_SECOND = 1_000;
const MAX_P50_MS = 50;

const PIPELINES = {
  "**the local run**": () => startLocalRun(),
  "the local run, live page open": startLocalRunWithOpenPage,
  "the local run with `--no-page`": () => startLocalRun("--no-page"),
  baseline: startBaseline,
};

/** Measures the throughput and the latency of the local run. */
export async function localRun(quick: boolean): Promise<Table> {
  const load = quick ? QUICK : FULL;
  const figures = await measureInTurn(Object.entries(PIPELINES), quick ? 2 : 4, ([, start]) =>
    measureLoad(start, load),
  );
  const [ours = [], withOpenPage = [], withoutPage = [], baseline = []] = figures.values();
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
archive or hops. Each measurement starts a new process and verifies that the table has each event once.`,
    columns: ["pipeline", "events per second", "÷ baseline", "p50", "p99", "memory"],
    rows: [...figures].map(([[name], runs]) => [
      name,
      withSpread(rateOf(runs), "/s"),
      ratio(rateOf(runs), rateOf(baseline)),
      latency(runs, 0.5),
      latency(runs, 0.99),
      memory(runs),
    ]),
    notes: [
      `Goal: at least ${MIN_PER_SECOND.toLocaleString("en-US")} events per second (measured: ${rounded(median(rateOf(ours)))}) and a p50 of at most ${MAX_P50_MS} ms (measured: ${latency(ours, 0.5)}).`,
      `Goal: with the live page open, at least 0.8 × the events per second of \`--no-page\` (measured: ${ratio(rateOf(withOpenPage), rateOf(withoutPage))}). Startup takes ${readyOf(ours)} with the page and ${readyOf(withoutPage)} without it.`,
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
