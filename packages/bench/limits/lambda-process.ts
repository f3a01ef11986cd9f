/** One execution environment of Lambda: loads a handler, and invokes it with the event in a file. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { SQSBatchResponse } from "aws-lambda";
import { serve } from "../child";

type Handler = (event: object, context: object) => Promise<SQSBatchResponse>;

export interface Invocation {
  /** Holds the event as JSON. */
  readonly file: string;
  readonly timeoutMs: number;
}

export interface InvocationFigures {
  /** Milliseconds, the reading of the event included, as Lambda counts them. */
  readonly ms: number;
  /** Message ids of the records that are handed back. */
  readonly handedBack: readonly string[];
}

const [bundle = ""] = process.argv.slice(2);
const { handler } = (await import(pathToFileURL(bundle).href)) as { handler: Handler };

serve<Invocation, InvocationFigures>({ ready: true }, async ({ file, timeoutMs }) => {
  const start = performance.now();
  const event = JSON.parse(readFileSync(file, "utf8")) as object;
  const { batchItemFailures } = await handler(event, {
    awsRequestId: "limits",
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => timeoutMs - (performance.now() - start),
  });
  return {
    ms: performance.now() - start,
    handedBack: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  };
});
