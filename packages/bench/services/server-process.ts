// Serves SQS: the local services, or, with the argument `bare`, an HTTP server that only parses a request and responds with
// the same JSON as SQS would. Reports its CPU time on request.
import { startLocalAws } from "@event-pipeline/local-aws/local-aws";
import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { serveParent } from "../child";
import { REGION } from "../environment";
import { BATCH_SIZE, messageBody } from "./message";

export interface ServerReady {
  readonly endpoint: string;
}

export interface CpuTime {
  /** CPU time since the start of the process, in microseconds. */
  readonly cpuMicros: number;
}

const ID = "3f6a2b1d-0f0c-4d0c-9d0d-0a0b0c0d0e0f";
const MD5 = "0123456789abcdef0123456789abcdef";

const batch = <Entry>(entryOf: (index: number) => Entry) =>
  Array.from({ length: BATCH_SIZE }, (_, index) => entryOf(index));

const RESPONSES: Readonly<Record<string, object>> = {
  CreateQueue: { QueueUrl: "http://127.0.0.1/000000000000/bench" },
  SendMessage: { MessageId: ID, MD5OfMessageBody: MD5 },
  ReceiveMessage: {
    Messages: batch(() => ({ MessageId: ID, ReceiptHandle: "A".repeat(112), MD5OfBody: MD5, Body: messageBody })),
  },
  DeleteMessageBatch: { Successful: batch((index) => ({ Id: String(index) })), Failed: [] },
};

async function startBare(): Promise<string> {
  const server = await listenOnLoopback(0);
  server.serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      JSON.parse(Buffer.concat(chunks).toString());
      const [, operation = ""] = String(request.headers["x-amz-target"]).split(".");
      const body = JSON.stringify(RESPONSES[operation]);
      response.writeHead(200, {
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": Buffer.byteLength(body),
      });
      response.end(body);
    });
  });
  return server.endpoint;
}

const endpoint = process.argv[2] === "bare" ? await startBare() : (await startLocalAws({ region: REGION })).endpoint;
serveParent<object, CpuTime>({ endpoint } satisfies ServerReady, () => {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system };
});
