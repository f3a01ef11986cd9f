import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { startLocalAws } from "@event-pipeline/local-aws/local-aws";
import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { Child } from "../child";
import { lambdaEnvironment, REGION, TABLE_NAME } from "../environment";
import { recordOf } from "../events";
import type { Invocation, InvocationFigures } from "../handler-process";
import { createTable, verifyItems } from "../items";
import { measureInTurn, median, ratio, withSpread } from "../statistics";
import type { Table } from "../table";

const HANDLERS = {
  "**this handler**": "dist/lambda/event-processor/index.mjs",
  baseline: "dist/bench/lambda/baseline-handler.mjs",
};
const BATCH_SIZES = [10, 100];
const DELAYS_MS = [0, 2, 10];
const WARM_UP_BATCHES = 5;
const INVOCATION_MS = 60_000;
const MAX_CPU_RATIO = 1.4;

/** Compares the deployed handler with a baseline handler that writes to the same table. */
export async function handler(quick: boolean): Promise<Table> {
  let delayMs = 0;
  let requests = 0;
  const eventIds: string[] = [];
  const aws = await startLocalAws({ region: REGION });
  const server = await listenOnLoopback(0);
  server.serve(async (request, response) => {
    requests += 1;
    if (delayMs > 0) await sleep(delayMs);
    await aws.handle(request, response);
  });
  const client = new DynamoDBClient({ endpoint: server.endpoint, region: REGION, credentials: CREDENTIALS });
  const handlers = await Promise.all(Object.entries(HANDLERS).map((entry) => startHandler(entry, server.endpoint)));

  async function invoke({ name, child }: RunningHandler, size: number) {
    const ids = Array.from({ length: size }, (_, index) => `event-${eventIds.length + index}`);
    eventIds.push(...ids);
    const requestsBefore = requests;
    const figures = await child.request({ event: { Records: ids.map(recordOf) }, timeoutMs: INVOCATION_MS });
    const failed = figures.failedMessageIds.length;
    if (failed > 0) throw new Error(`${name} reported ${failed} of ${size} records as failed.`);
    return { ms: figures.ms, cpuMicros: figures.cpuMicros / size, requests: requests - requestsBefore };
  }

  try {
    await createTable(client, TABLE_NAME);
    await measureInTurn(handlers, WARM_UP_BATCHES, (one) => invoke(one, 100));
    const rows: string[][] = [];
    const ratios: string[] = [];
    for (const size of BATCH_SIZES) {
      for (const delay of DELAYS_MS) {
        delayMs = delay;
        const figures = await measureInTurn(handlers, quick ? 10 : 60, (one) => invoke(one, size));
        const baselineCpu = [...figures.values()].at(-1)?.map(({ cpuMicros }) => cpuMicros) ?? [];
        for (const [{ name }, all] of figures) {
          const cpu = all.map(({ cpuMicros }) => cpuMicros);
          rows.push([
            String(size),
            `${delay} ms`,
            name,
            withSpread(
              all.map(({ ms }) => ms),
              "ms",
            ),
            String(median(all.map(({ requests }) => requests))),
            withSpread(cpu, "µs"),
            ratio(cpu, baselineCpu),
          ]);
        }
        if (size === 100) ratios.push(rows.at(-2)?.at(-1) ?? "");
      }
    }
    await verifyItems(client, TABLE_NAME, eventIds);
    return {
      title: "Handler",
      introduction: `The baseline handler calls JSON.parse twice per record and writes batches with the document client's BatchWriteCommand. It has no
checks, retries, metrics or logs. Each handler runs in its own process, and they process batches in turn. Both write to one dynalite
table, which delays each request by the given time. At the end, the table had all ${eventIds.length.toLocaleString("en-US")} events.`,
      columns: ["batch", "delay", "handler", "wall time", "requests", "CPU per event", "÷ baseline"],
      rows,
      notes: [
        `Goal: at most ${MAX_CPU_RATIO} × the baseline's CPU time per event, in batches of 100 (measured: ${ratios.join(", ")}).`,
      ],
    };
  } finally {
    client.destroy();
    await Promise.all(handlers.map(({ child }) => child.stop()));
    await server.stop();
    await aws.stop();
  }
}

interface RunningHandler {
  readonly name: string;
  readonly child: Child<Invocation, InvocationFigures>;
}

async function startHandler([name, bundle]: [string, string], endpoint: string): Promise<RunningHandler> {
  const { child } = await Child.start<Invocation, InvocationFigures, object>({
    file: "handler-process.mjs",
    args: [bundle],
    env: lambdaEnvironment(endpoint),
  });
  return { name, child };
}
