/** A Lambda execution environment: loads a handler and invokes it with the event of a file. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { SQSBatchResponse } from "aws-lambda";
import { serve } from "../child";

export interface InvokeRequest {
  /** Path of the event as JSON. */
  readonly file: string;
  readonly timeoutMs: number;
}

export interface InvocationFigures {
  /** Milliseconds, including the parsing of the event, as Lambda bills them. */
  readonly ms: number;
  /** SQS message IDs of the batch item failures. */
  readonly failedMessageIds: readonly string[];
}

const [bundle = ""] = process.argv.slice(2);
const { handler } = (await import(pathToFileURL(bundle).href)) as {
  handler: (event: object, context: object) => Promise<SQSBatchResponse>;
};

serve<InvokeRequest, InvocationFigures>({ ready: true }, async ({ file, timeoutMs }) => {
  const start = performance.now();
  const event = JSON.parse(readFileSync(file, "utf8")) as object;
  const { batchItemFailures } = await handler(event, {
    awsRequestId: "limits",
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => timeoutMs - (performance.now() - start),
  });
  return {
    ms: performance.now() - start,
    failedMessageIds: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  };
});
