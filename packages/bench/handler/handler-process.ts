/** Runs one handler, and nothing else, so that the process's CPU time is the handler's. */
import { pathToFileURL } from "node:url";
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { serve } from "../child";

type Handler = (event: object, context: object) => Promise<Partial<SQSBatchResponse>>;

export interface Batch {
  readonly records: readonly SQSRecord[];
}

export interface BatchFigures {
  readonly ms: number;
  readonly cpuMicros: number;
  readonly failed: number;
}

const INVOCATION_MS = 60_000;

const [bundle = ""] = process.argv.slice(2);
const { handler } = (await import(pathToFileURL(bundle).href)) as { handler: Handler };

serve<Batch, BatchFigures>({ ready: true }, async ({ records }) => {
  const deadline = Date.now() + INVOCATION_MS;
  const context = {
    awsRequestId: "bench",
    memoryLimitInMB: "512",
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const { batchItemFailures = [] } = await handler({ Records: records }, context);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms, cpuMicros: user + system, failed: batchItemFailures.length };
});
