/** DynamoDB in a process of its own: each request waits for the delay it is told, and is counted. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Dynamodb } from "@event-pipeline/local-aws/dynamodb/dynamodb";
import { requestedAction } from "@event-pipeline/local-aws/gateway/requested-action";
import { serve } from "../child";
import { REGION } from "../environment";

export interface SetDelay {
  readonly delayMs: number;
}

/** Requests since the last answer. */
export interface Count {
  readonly requests: number;
}

export interface Listening {
  readonly endpoint: string;
}

const dynamodb = await Dynamodb.open({
  region: REGION,
  onStored: () => undefined,
  onDiskError: (error) => {
    throw error;
  },
});
let delay = 0;
let count = 0;

const server = createServer(async (request, response) => {
  count += 1;
  if (delay > 0) await sleep(delay);
  dynamodb.handle(request, response, requestedAction(request, undefined));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  serve<SetDelay, Count>({ endpoint: `http://127.0.0.1:${port}` } satisfies Listening, ({ delayMs }) => {
    const requests = count;
    delay = delayMs;
    count = 0;
    return { requests };
  });
});
