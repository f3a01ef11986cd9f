import { execFileSync } from "node:child_process";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { CREDENTIALS } from "../../local/aws/account";
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
  /** Resident memory afterwards, for each process. */
  readonly rssMiB: readonly number[];
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

    const rssMiB = subject.pids.map(residentMiB);
    await verifyItems(dynamodb, subject.tableName, [...burst, ...steady]);
    return { perSecond, latenciesMs, rssMiB };
  } finally {
    sns.destroy();
    dynamodb.destroy();
    await subject.stop();
  }
}

function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

function residentMiB(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1_024;
}
