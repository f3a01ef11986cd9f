import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { Child } from "../child";
import { lambdaEnvironment, REGION, TABLE_NAME } from "../environment";
import { recordOf } from "../events";
import { createTable, verifyItems } from "../items";
import { median, rounded, times, withSpread } from "../statistics";
import type { Table } from "../table";
import type { Count, Listening, SetDelay } from "./dynamodb-process";
import type { Batch, BatchFigures } from "./handler-process";

const BATCH_SIZES = [10, 100];
const DELAYS_MS = [0, 2, 10];
const WARM_UP_BATCHES = 5;
const MAX_CPU_RATIO = 1.4;

interface Way {
  readonly name: string;
  readonly process: Child<Batch, BatchFigures>;
}

type Figures = BatchFigures & Count;

/** Our handler against the guide's, on one table. */
export async function handler(quick: boolean): Promise<Table> {
  const { child: dynamodb, ready } = await Child.start<SetDelay, Count, Listening>({
    file: "handler/dynamodb-process.mjs",
  });
  const client = new DynamoDBClient({ endpoint: ready.endpoint, region: REGION, credentials: CREDENTIALS });
  const ours = await startHandler("this handler", "dist/lambda/event-processor/index.mjs", ready.endpoint);
  const guide = await startHandler("the guide's", "dist/bench/lambda/guide-handler.mjs", ready.endpoint);
  const bare = await startHandler("a bare loop", "dist/bench/lambda/bare-handler.mjs", ready.endpoint);
  try {
    await createTable(client, TABLE_NAME);
    const run = new HandlerRun(dynamodb);
    await run.warmUp([ours, guide, bare]);
    const rows: string[][] = [];
    for (const size of BATCH_SIZES) {
      for (const delayMs of DELAYS_MS)
        rows.push(...(await run.compare(ours, guide, size, delayMs, roundsOf(size, quick))).rows);
    }
    const { rows: bareRows, cpuRatio } = await run.compare(ours, bare, 100, 0, quick ? 10 : 60);
    rows.push(bareRows[1] ?? []);
    await verifyItems(client, TABLE_NAME, run.eventIds);
    return {
      title: "Handler",
      introduction: `The deployed bundle against the guide's handler (one PutItem after another with the document client), each in a process
of its own, batch by batch in turn, on one dynalite table in a third process that holds every request back for the given delay.
Every event was found in the table afterwards (${run.eventIds.length.toLocaleString("en-US")} items).
The bare loop is two JSON.parse and BatchWriteCommand of the document client, without checks, retries, metrics or a log.`,
      columns: ["batch", "delay", "handler", "wall time", "its time ÷ ours", "requests", "CPU per event"],
      rows,
      notes: [
        `Goal: at most ${MAX_CPU_RATIO} × the CPU per event of a bare loop, at a batch of 100 (measured in turn: ${cpuRatio}).`,
      ],
    };
  } finally {
    client.destroy();
    await Promise.all([ours, guide, bare].map((way) => way.process.stop()));
    await dynamodb.stop();
  }
}

function roundsOf(size: number, quick: boolean): number {
  if (quick) return size > 10 ? 3 : 8;
  return size > 10 ? 12 : 40;
}

async function startHandler(name: string, bundle: string, endpoint: string): Promise<Way> {
  const { child } = await Child.start<Batch, BatchFigures, object>({
    file: "handler/handler-process.mjs",
    args: [bundle],
    env: lambdaEnvironment(endpoint),
  });
  return { name, process: child };
}

class HandlerRun {
  /** Ids of the events passed to each handler. */
  readonly eventIds: string[] = [];

  constructor(private readonly dynamodb: Child<SetDelay, Count>) {}

  async warmUp(ways: readonly Way[]): Promise<void> {
    for (const way of ways) {
      for (let batch = 0; batch < WARM_UP_BATCHES; batch += 1) await this.invoke(way, 100, 0);
    }
  }

  /** Invokes two handlers in turn. Returns the row of each, and the first one's CPU time in terms of the second one's. */
  async compare(ours: Way, other: Way, size: number, delayMs: number, rounds: number) {
    const figures = new Map<Way, Figures[]>([
      [ours, []],
      [other, []],
    ]);
    for (let round = 0; round < rounds; round += 1) {
      for (const [way, collected] of figures) collected.push(await this.invoke(way, size, delayMs));
    }
    const wall = (way: Way) => (figures.get(way) ?? []).map(({ ms }) => ms);
    const cpu = (way: Way) => (figures.get(way) ?? []).map(({ cpuMicros }) => cpuMicros / size);
    const rows = [...figures].map(([way, all]) => [
      String(size),
      `${delayMs} ms`,
      way.name,
      withSpread(wall(way), "ms"),
      way === ours ? times(wall(other), wall(ours)) : "",
      rounded(median(all.map(({ requests }) => requests))).replace(/\.0+$/, ""),
      withSpread(cpu(way), "µs"),
    ]);
    return { rows, cpuRatio: times(cpu(ours), cpu(other)) };
  }

  private async invoke(way: Way, size: number, delayMs: number): Promise<Figures> {
    const ids = Array.from({ length: size }, (_, index) => `event-${this.eventIds.length + index}`);
    this.eventIds.push(...ids);
    await this.dynamodb.ask({ delayMs });
    const figures = await way.process.ask({ records: ids.map(recordOf) });
    const { requests } = await this.dynamodb.ask({ delayMs });
    if (figures.failed > 0) throw new Error(`${way.name} reported ${figures.failed} of ${size} records as failed.`);
    return { ...figures, requests };
  }
}
