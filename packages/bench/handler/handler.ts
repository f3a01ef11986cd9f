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
  try {
    await createTable(client, TABLE_NAME);
    const run = new HandlerRun(dynamodb, ours, guide);
    await run.warmUp();
    const rows: string[][] = [];
    for (const size of BATCH_SIZES) {
      for (const delayMs of DELAYS_MS) rows.push(...(await run.compare(size, delayMs, roundsOf(size, quick))));
    }
    await verifyItems(client, TABLE_NAME, run.eventIds);
    return {
      title: "Handler",
      introduction: `The deployed bundle against the guide's handler (one PutItem after another with the document client), each in a process
of its own, batch by batch in turn, on one dynalite table in a third process that holds every request back for the given delay.
Every event was found in the table afterwards (${run.eventIds.length.toLocaleString("en-US")} items).`,
      columns: ["batch", "delay", "handler", "wall time", "guide ÷ ours", "requests", "CPU per event"],
      rows,
    };
  } finally {
    client.destroy();
    await Promise.all([ours, guide].map((way) => way.process.stop()));
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

  constructor(
    private readonly dynamodb: Child<SetDelay, Count>,
    private readonly ours: Way,
    private readonly guide: Way,
  ) {}

  async warmUp(): Promise<void> {
    for (const way of [this.ours, this.guide]) {
      for (let batch = 0; batch < WARM_UP_BATCHES; batch += 1) await this.invoke(way, 100, 0);
    }
  }

  /** The two rows of one batch size and delay. */
  async compare(size: number, delayMs: number, rounds: number): Promise<string[][]> {
    const figures = new Map<Way, Figures[]>([
      [this.ours, []],
      [this.guide, []],
    ]);
    for (let round = 0; round < rounds; round += 1) {
      for (const [way, collected] of figures) collected.push(await this.invoke(way, size, delayMs));
    }
    const wall = (way: Way) => (figures.get(way) ?? []).map(({ ms }) => ms);
    return [...figures].map(([way, all]) => [
      String(size),
      `${delayMs} ms`,
      way.name,
      withSpread(wall(way), "ms"),
      way === this.ours ? times(wall(this.guide), wall(this.ours)) : "",
      rounded(median(all.map(({ requests }) => requests))).replace(/\.0+$/, ""),
      withSpread(
        all.map(({ cpuMicros }) => cpuMicros / size),
        "µs",
      ),
    ]);
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
