import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { REGION } from "../environment";
import { eventOf } from "../events";
import { verifyItems } from "../items";
import type { RunningPipeline } from "./pipeline";

const BATCH_SIZE = 10;
const PARALLEL_CALLS = 4;
const STEADY_PER_SECOND = 50;

export interface Load {
  /** Number of events to publish as fast as the topic accepts them. */
  readonly events: number;
  /** Number of seconds to publish 50 events per second afterwards. */
  readonly steadySeconds: number;
}

export interface LoadFigures {
  readonly perSecond: number;
  /**
   * Milliseconds from the Publish call until the event was stored, for each event published at 50 per second; none if
   * the pipeline does not tell.
   */
  readonly latenciesMs: readonly number[];
  /** Resident memory after the load, of the pipeline's process and of all its child processes. */
  readonly rssMiB: readonly [own: number, children: number];
  /** Milliseconds from the process's start until it accepted requests. */
  readonly readyMs: number | undefined;
}

/** Starts a pipeline, publishes the load, verifies that the table has each event once, and stops the pipeline. */
export async function measureLoad(start: () => Promise<RunningPipeline>, load: Load): Promise<LoadFigures> {
  const pipeline = await start();
  const config = { endpoint: pipeline.endpoint, region: REGION, credentials: CREDENTIALS };
  const sns = new SNSClient(config);
  const dynamodb = new DynamoDBClient(config);
  try {
    const burst = ids("burst", load.events);
    const begun = performance.now();
    await Promise.all([publishBurst(sns, pipeline.topicArn, burst), pipeline.stored.until(burst.length)]);
    const perSecond = burst.length / ((performance.now() - begun) / 1_000);

    const { times } = pipeline.stored;
    const steady = ids("steady", times ? load.steadySeconds * STEADY_PER_SECOND : 0);
    const sentAt = await publishSteadily(sns, pipeline.topicArn, steady);
    await pipeline.stored.until(burst.length + steady.length);
    const latenciesMs = steady.map((id) => (times?.get(id) ?? 0) - (sentAt.get(id) ?? 0));

    const rssMiB = residentMiB(pipeline.pid);
    await verifyItems(dynamodb, pipeline.tableName, [...burst, ...steady]);
    return { perSecond, latenciesMs, rssMiB, readyMs: pipeline.readyMs };
  } finally {
    sns.destroy();
    dynamodb.destroy();
    await pipeline.stop();
  }
}

async function publishBurst(sns: SNSClient, TopicArn: string, ids: readonly string[]): Promise<void> {
  const rest = [...ids];
  const publishNext = async (): Promise<void> => {
    while (rest.length > 0) {
      const PublishBatchRequestEntries = rest.splice(0, BATCH_SIZE).map((id) => ({ Id: id, Message: messageOf(id) }));
      const { Failed = [] } = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
      if (Failed.length > 0) throw new Error(`SNS rejected ${Failed.length} events: ${Failed[0]?.Message}`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_CALLS }, publishNext));
}

/** Publishes 50 events per second. Returns the time of each Publish call by event ID. */
async function publishSteadily(sns: SNSClient, TopicArn: string, ids: readonly string[]): Promise<Map<string, number>> {
  const sentAt = new Map<string, number>();
  const start = performance.now();
  const calls: Promise<unknown>[] = [];
  for (const [index, id] of ids.entries()) {
    const dueMs = start + (index * 1_000) / STEADY_PER_SECOND - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    sentAt.set(id, performance.now());
    calls.push(sns.send(new PublishCommand({ TopicArn, Message: messageOf(id) })));
  }
  await Promise.all(calls);
  return sentAt;
}

function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

function messageOf(id: string): string {
  return JSON.stringify(eventOf(id));
}

function residentMiB(pid: number): [own: number, children: number] {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const sumOf = (column: number) =>
    processes.filter((row) => row[column] === pid).reduce((sum, [, , kilobytes = 0]) => sum + kilobytes / 1_024, 0);
  return [sumOf(0), sumOf(1)];
}
