import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { Child } from "../child";
import { REGION } from "../environment";
import { measureInTurn, ratio, withSpread } from "../statistics";
import type { Table } from "../table";
import { BATCH_SIZE, messageBody } from "./message";
import type { CpuTime, ServerReady } from "./server-process";

const PARALLEL_CALLS = 16;
const WARM_UP_ROUNDS = 3;
const MAX_CPU_RATIO = 2;

const SERVERS = { "**the local services**": "local", "bare server": "bare" };

interface Server {
  readonly name: string;
  readonly child: Child<object, CpuTime>;
  readonly sqs: SQSClient;
  readonly QueueUrl: string;
}

/** Requests to measure. Each round receives and deletes the messages that it has sent. */
const REQUESTS = {
  SendMessage: (sqs: SQSClient, QueueUrl: string) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: messageBody })),
  "ReceiveMessage and DeleteMessageBatch": async (sqs: SQSClient, QueueUrl: string) => {
    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH_SIZE }));
    const { Messages: messages = [] } = received;
    if (messages.length < BATCH_SIZE) throw new Error(`ReceiveMessage returned ${messages.length} messages.`);
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  },
};

/** Compares the CPU time of the local services with that of a bare HTTP server. */
export async function services(quick: boolean): Promise<Table> {
  const messages = quick ? 1_000 : 4_000;
  const servers = await Promise.all(Object.entries(SERVERS).map(startServer));
  try {
    await measureInTurn(servers, WARM_UP_ROUNDS, (server) => measureRound(server, messages));
    const figures = await measureInTurn(servers, quick ? 3 : 10, (server) => measureRound(server, messages));
    const rows: string[][] = [];
    const ratios: string[] = [];
    for (const request of Object.keys(REQUESTS) as (keyof typeof REQUESTS)[]) {
      const cpuOf = (server: Server) => figures.get(server)?.map((round) => round[request]) ?? [];
      const [, bare] = servers;
      for (const server of servers) {
        rows.push([request, server.name, withSpread(cpuOf(server), "µs"), ratio(cpuOf(server), cpuOf(bare as Server))]);
      }
      ratios.push(rows.at(-2)?.at(-1) ?? "");
    }
    return {
      title: "Local services",
      introduction: `The bare server is a Node.js HTTP server that parses each request's JSON and responds with JSON like that of SQS. It keeps no messages.
The SDK's client sends ${messages.toLocaleString("en-US")} messages, then receives and deletes them, ${BATCH_SIZE} per request, with ${PARALLEL_CALLS} calls in parallel.
The CPU time is that of the server's process.`,
      columns: ["request", "server", "CPU per request", "÷ bare server"],
      rows,
      notes: [`Goal: at most ${MAX_CPU_RATIO} × the bare server's CPU time (measured: ${ratios.join(" and ")}).`],
    };
  } finally {
    for (const { sqs, child } of servers) {
      sqs.destroy();
      await child.stop();
    }
  }
}

async function startServer([name, argument]: [string, string]): Promise<Server> {
  const { child, ready } = await Child.start<object, CpuTime, ServerReady>({
    file: "services/server-process.mjs",
    args: [argument],
  });
  // The bare server does not compute MD5 sums.
  const sqs = new SQSClient({ endpoint: ready.endpoint, region: REGION, credentials: CREDENTIALS, md5: false });
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "bench" }));
  return { name, child, sqs, QueueUrl };
}

/** Returns the CPU time per request in microseconds. */
async function measureRound({ child, sqs, QueueUrl }: Server, messages: number) {
  const measure = async (call: () => Promise<unknown>, calls: number, requests: number) => {
    const before = await child.request({});
    let left = calls;
    const callNext = async (): Promise<void> => {
      while (left-- > 0) await call();
    };
    await Promise.all(Array.from({ length: PARALLEL_CALLS }, callNext));
    return ((await child.request({})).cpuMicros - before.cpuMicros) / requests;
  };
  const { SendMessage: send, "ReceiveMessage and DeleteMessageBatch": receive } = REQUESTS;
  const batches = messages / BATCH_SIZE;
  return {
    SendMessage: await measure(() => send(sqs, QueueUrl), messages, messages),
    "ReceiveMessage and DeleteMessageBatch": await measure(() => receive(sqs, QueueUrl), batches, 2 * batches),
  };
}
