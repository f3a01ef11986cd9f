/** Runs one handler and nothing else, so that the process's CPU time and memory are the handler's. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { serveParent } from "./child";

export interface Invocation {
  /** The event, or the path of its JSON file. Parsing the file is measured too, because Lambda bills it. */
  readonly event: SQSEvent | string;
  readonly timeoutMs: number;
}

export interface InvocationFigures {
  readonly ms: number;
  readonly cpuMicros: number;
  /** SQS message IDs of the batch item failures. */
  readonly failedMessageIds: readonly string[];
}

const [bundle = ""] = process.argv.slice(2);
const { handler } = (await import(pathToFileURL(bundle).href)) as {
  handler: (event: SQSEvent, context: object) => Promise<SQSBatchResponse>;
};

serveParent<Invocation, InvocationFigures>({ ready: true }, async ({ event, timeoutMs }) => {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const parsed = typeof event === "string" ? (JSON.parse(readFileSync(event, "utf8")) as SQSEvent) : event;
  const { batchItemFailures } = await handler(parsed, {
    awsRequestId: "bench",
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => timeoutMs - (performance.now() - start),
  });
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    ms,
    cpuMicros: user + system,
    failedMessageIds: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  };
});
