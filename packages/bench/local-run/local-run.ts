import { median, quantile, rounded, times, withSpread } from "../statistics";
import type { Table } from "../table";
import { hasMoto, startBareLoop, startMoto } from "./bare-process";
import { type Load, type LoadFigures, measure } from "./load";
import { startLocalRun, startWatchedRun, startWithoutPage } from "./local-process";
import type { Subject } from "./subject";

const FULL: Load = { events: 10_000, steadySeconds: 5 };
const QUICK: Load = { events: 2_000, steadySeconds: 3 };
/** moto takes some 40 events a second; the steady load is already more than that. */
const MOTO: Load = { events: 200, steadySeconds: 0 };
const GOAL_PER_SECOND = 1_000;
const GOAL_P50_MS = 50;

interface Candidate {
  readonly name: string;
  readonly start: () => Promise<Subject>;
  readonly processes: readonly string[];
}

const OURS: Candidate = { name: "**the local run**", start: () => startLocalRun(), processes: ["run", "handlers"] };
const WATCHED: Candidate = {
  name: "the local run, its page open",
  start: startWatchedRun,
  processes: ["run", "handlers"],
};
const PAGELESS: Candidate = {
  name: "the local run with `--no-page`",
  start: startWithoutPage,
  processes: ["run", "handlers"],
};
const BARE: Candidate = { name: "the bare loop", start: () => startBareLoop(), processes: ["all"] };

/** How many events the local run takes, and how soon each is stored. */
export async function localRun(quick: boolean): Promise<Table> {
  const load = quick ? QUICK : FULL;
  const figures = new Map<Candidate, LoadFigures[]>([
    [OURS, []],
    [WATCHED, []],
    [PAGELESS, []],
    [BARE, []],
  ]);
  for (let round = 0; round < (quick ? 2 : 4); round += 1) {
    for (const [{ start }, runs] of figures) runs.push(await measure(start, load));
  }
  const withMoto = !quick && hasMoto();
  if (withMoto) {
    const moto: Candidate = {
      name: `the bare loop on moto, ${MOTO.events} events`,
      start: startMoto,
      processes: ["moto"],
    };
    figures.set(moto, [await measure(moto.start, MOTO)]);
  }
  const ours = figures.get(OURS) ?? [];
  const readyOf = (candidate: Candidate) => (figures.get(candidate) ?? []).flatMap(({ readyMs }) => readyMs ?? []);
  const rateOf = (runs: readonly LoadFigures[]) => runs.map(({ perSecond }) => perSecond);
  return {
    title: "Local run",
    introduction: `${load.events.toLocaleString("en-US")} events through PublishBatch (10 a call, 4 calls at a time) until the last is stored, then 50 a second for
${load.steadySeconds} s, from the call of Publish until the event is known to be stored; each time in a fresh process, in turn. The bare loop is
the same embedded AWS with one consumer over the SDK (receive, BatchWrite, delete): no handler process, no archive, no
hops. The table held every event, once.`,
    columns: ["pipeline", "events per second", "÷ bare loop", "p50", "p99", "memory"],
    rows: [...figures].map(([{ name, processes }, runs]) => [
      name,
      withSpread(rateOf(runs), "/s"),
      times(rateOf(runs), rateOf(figures.get(BARE) ?? [])),
      latency(runs, 0.5),
      latency(runs, 0.99),
      memory(runs, processes),
    ]),
    notes: [
      `Goal: at least ${GOAL_PER_SECOND.toLocaleString("en-US")} events per second (${rounded(median(rateOf(ours)))} here) and a p50 of at most ${GOAL_P50_MS} ms (${latency(ours, 0.5)} here).`,
      `Goal of the page: at least 0.8 of the events per second without it (${times(rateOf(figures.get(WATCHED) ?? []), rateOf(figures.get(PAGELESS) ?? []))} here), and as soon ready (${withSpread(readyOf(OURS), "ms")}, without it ${withSpread(readyOf(PAGELESS), "ms")}).`,
      "The load comes from the benchmark's own process, which shares the cores.",
    ],
  };
}

function latency(runs: readonly LoadFigures[], q: number): string {
  const each = runs.filter(({ latenciesMs }) => latenciesMs.length > 0).map((run) => quantile(run.latenciesMs, q));
  return each.length > 0 ? withSpread(each, "ms") : "";
}

function memory(runs: readonly LoadFigures[], processes: readonly string[]): string {
  const parts = processes.map((name, index) => {
    const sizes = runs.flatMap(({ rssMiB }) => rssMiB[index] ?? []);
    return `${name} ${rounded(median(sizes))} MiB`;
  });
  return parts.join(", ");
}
