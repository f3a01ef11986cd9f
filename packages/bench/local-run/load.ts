import { execFileSync } from "node:child_process";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { REGION } from "../environment";
import { verifyItems } from "../items";
import { publishAll, publishSteadily } from "./publisher";
import type { Subject } from "./subject";

const STEADY_PER_SECOND = 50;

export interface Load {
  readonly events: number;
  readonly steadySeconds: number;
}

export interface LoadFigures {
  readonly perSecond: number;
  /** Publish call → seen to be stored, for each event of the steady load. */
  readonly latenciesMs: readonly number[];
  /** Resident memory afterwards, of the pipeline's process and of all that it started. */
  readonly rssMiB: readonly number[];
  /** Milliseconds from the start of its process until it was ready. */
  readonly readyMs: number | undefined;
}

/** Loads a fresh pipeline, checks that the table holds what was published, and stops it. */
export async function measure(start: () => Promise<Subject>, { events, steadySeconds }: Load): Promise<LoadFigures> {
  const subject = await start();
  const config = { endpoint: subject.endpoint, region: REGION, credentials: CREDENTIALS };
  const sns = new SNSClient(config);
  const dynamodb = new DynamoDBClient(config);
  try {
    const burst = ids("burst", events);
    const begun = performance.now();
    await Promise.all([publishAll(sns, subject.topicArn, burst), subject.stored.until(events)]);
    const perSecond = events / ((performance.now() - begun) / 1_000);

    const steady = ids("steady", steadySeconds * STEADY_PER_SECOND);
    const sentAt = await publishSteadily(sns, subject.topicArn, steady, STEADY_PER_SECOND);
    await subject.stored.until(events + steady.length);
    const latenciesMs = steady.map((id) => (subject.stored.times.get(id) ?? 0) - (sentAt.get(id) ?? 0));

    const rssMiB = residentMiB(subject.pid);
    await verifyItems(dynamodb, subject.tableName, [...burst, ...steady]);
    return { perSecond, latenciesMs, rssMiB, readyMs: subject.readyMs };
  } finally {
    sns.destroy();
    dynamodb.destroy();
    await subject.stop();
  }
}

function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/** Without the processes that it started, and theirs together. */
function residentMiB(pid: number): number[] {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const sumOf = (column: number) =>
    processes.filter((row) => row[column] === pid).reduce((sum, [, , kilobytes = 0]) => sum + kilobytes / 1_024, 0);
  return [sumOf(0), sumOf(1)];
}
