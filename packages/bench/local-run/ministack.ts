import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { ACCOUNT_ID, CREDENTIALS } from "@event-pipeline/local-aws/account";
import { clientsFor } from "@event-pipeline/local-aws/clients";
import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { lambdaEnvironment, REGION, TABLE_NAME } from "../environment";
import { createTable } from "../items";
import { type RunningPipeline, STORE_TIMEOUT_MS, type Startup } from "./pipeline";

const BUNDLE = "dist/lambda/event-processor/index.mjs";
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Returns whether ministack, an AWS emulator in Python, is on the PATH. */
export function hasMinistack(): boolean {
  return spawnSync("ministack", ["--help"], { stdio: "ignore" }).status === 0;
}

interface Ministack extends Startup {
  readonly endpoint: string;
  readonly pid: number;
}

export async function startMinistack(): Promise<Ministack> {
  const server = await listenOnLoopback(0);
  const { endpoint } = server;
  await server.stop();
  const env = { ...process.env, BIND_HOST: "127.0.0.1", GATEWAY_PORT: new URL(endpoint).port };
  const start = performance.now();
  const child = spawn("ministack", { env, stdio: "ignore" });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "exit").finally(() => process.off("exit", kill));
  while (!(await fetch(`${endpoint}/_ministack/health`).catch(() => undefined))?.ok) {
    if (performance.now() - start > START_TIMEOUT_MS || child.exitCode !== null)
      throw new Error("ministack did not start.");
    await sleep(10);
  }
  const readyMs = performance.now() - start;
  return {
    endpoint,
    pid: child.pid ?? 0,
    readyMs,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Starts ministack with the stack's topic, queue, function and table. */
export async function startMinistackPipeline(): Promise<RunningPipeline> {
  const ministack = await startMinistack();
  const { endpoint } = ministack;
  const { sns, sqs, dynamodb } = clientsFor(endpoint, REGION);
  const lambda = new LambdaClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  await createTable(dynamodb, TABLE_NAME);
  const { TopicArn: topicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "bench-events" }));
  const { QueueUrl: deadLetterQueueUrl = "" } = await sqs.send(
    new CreateQueueCommand({ QueueName: "bench-events-dlq" }),
  );
  await sqs.send(new CreateQueueCommand({ QueueName: "bench-events-queue" }));
  const queueArn = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:bench-events-queue`;
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: queueArn }));
  const { EVENT_TTL_DAYS = "" } = lambdaEnvironment();
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: "bench-event-processor",
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: `arn:aws:iam::${ACCOUNT_ID}:role/bench`,
      MemorySize: 512,
      Timeout: 10,
      Environment: { Variables: { TABLE_NAME, EVENT_TTL_DAYS, DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl } },
      Code: { ZipFile: zipped(BUNDLE) },
    }),
  );
  await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: queueArn,
      FunctionName: "bench-event-processor",
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    }),
  );
  return {
    ...ministack,
    topicArn,
    tableName: TABLE_NAME,
    stored: {
      async until(count) {
        const start = performance.now();
        for (;;) {
          const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: TABLE_NAME }));
          if ((Table?.ItemCount ?? 0) >= count) return;
          if (performance.now() - start > STORE_TIMEOUT_MS)
            throw new Error(`ministack stored ${Table?.ItemCount} events.`);
          await sleep(POLL_MS);
        }
      },
    },
  };
}

/** Returns a ZIP file with the file. ministack needs Python, so Python is there. */
function zipped(file: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const zip = join(folder, "function.zip");
    execFileSync("python3", ["-m", "zipfile", "-c", zip, file]);
    return readFileSync(zip);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
