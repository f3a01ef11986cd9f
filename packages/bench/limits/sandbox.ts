import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonSchema } from "@event-pipeline/contracts/schema";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { FakeAws } from "@event-pipeline/testing/fake-aws";
import { Child } from "../child";
import { handlerWithContracts } from "../contracts/handler-with-contracts";
import { lambdaEnvironment } from "../environment";
import type { Invocation, InvocationFigures } from "../handler-process";
import type { TestBatch } from "./batches";
import { Cgroup } from "./cgroup";

/** Node.js version to run, with the major version of the deployed function's runtime. */
export const LAMBDA_NODE = "24.21.0";
/** Memory in MiB that gives a function one vCPU. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MIB_PER_CORE = 1_769;
/** Fractions of the function's memory that Lambda sets as Node.js heap limits. */
const OLD_SPACE_SHARE = 0.9;
const SEMI_SPACE_SHARE = 0.025;
/** Typical latency in milliseconds of DynamoDB and SQS within a region. */
const LATENCY_MS = 5;

export interface SandboxFigures {
  /** Duration of the invocation in milliseconds; undefined if it timed out or its process was killed. */
  readonly ms: number | undefined;
  /** Peak memory in bytes since the process started. */
  readonly peakBytes: number;
  /** Number of valid events that are stored and not reported as batch item failures. */
  readonly validStored: number;
  readonly batchItemFailures: number;
}

/** Runs the deployed bundle in a process with the memory and the CPU share of a Lambda function. */
export class Sandbox {
  private readonly file: string;

  private constructor(
    readonly memoryMiB: number,
    private readonly aws: FakeAws,
    private readonly cgroup: Cgroup,
    private readonly child: Child<Invocation, InvocationFigures>,
    folder: string,
  ) {
    this.file = join(folder, "event.json");
  }

  /**
   * Starts the process with Lambda's Node.js, from the npm package `node`.
   *
   * @param contracts - The contracts of the handler. @default - none
   * @throws Error if this machine cannot create control groups.
   */
  static async start(memoryMiB: number, contracts: readonly JsonSchema[] = []): Promise<Sandbox> {
    const root = mkdtempSync(join(tmpdir(), "batch-"));
    const { folder, environment } = handlerWithContracts(join(root, "handler"), contracts);
    const cgroup = Cgroup.create(memoryMiB * 1_024 * 1_024, memoryMiB / MIB_PER_CORE);
    const aws = new FakeAws();
    const endpoint = await aws.start();
    const { child } = await Child.start<Invocation, InvocationFigures, object>({
      file: "handler-process.mjs",
      args: [join(folder, "index.mjs")],
      env: { ...lambdaEnvironment(endpoint), ...environment, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB) },
      quiet: true,
      program: { path: "/bin/sh", args: ["-c", shellCommand(cgroup, memoryMiB), "sh"] },
    });
    return new Sandbox(memoryMiB, aws, cgroup, child, root);
  }

  async invoke(batch: TestBatch, timeoutMs: number): Promise<SandboxFigures> {
    this.aws.reset();
    this.aws.latencyMs = LATENCY_MS;
    writeFileSync(this.file, JSON.stringify(batch.event));
    // Undefined after a timeout, or if the kernel killed the process because it used too much memory.
    const figures = await Promise.race([
      this.child.request({ event: this.file, timeoutMs }).catch(() => undefined),
      sleep(timeoutMs, undefined, { ref: false }),
    ]);
    const failed = new Set(figures?.failedMessageIds ?? batch.event.Records.map(({ messageId }) => messageId));
    const stored = new Set([...this.aws.items.values()].map(({ message_id }) => message_id?.S));
    return {
      ms: figures?.ms,
      peakBytes: this.cgroup.peakBytes,
      validStored: batch.valid.filter(
        ({ body, messageId }) => !failed.has(messageId) && stored.has(parseEnvelope(body).messageId),
      ).length,
      batchItemFailures: failed.size,
    };
  }

  async stop(): Promise<void> {
    await this.child.stop();
    this.cgroup.remove();
    await this.aws.stop();
  }
}

/** Path of the Node.js executable, which npm downloads once. */
let nodePath: string | undefined;

/** Returns a shell command that joins the control group and then runs Node.js with Lambda's heap limits. */
function shellCommand({ processFiles }: Cgroup, memoryMiB: number): string {
  nodePath ??= execFileSync(
    "npx",
    ["--yes", "--package", `node@${LAMBDA_NODE}`, "--", "node", "-p", "process.execPath"],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 120_000,
    },
  ).trim();
  const enter = processFiles.map((file) => `echo $$ > ${file} && `).join("");
  const semi = Math.max(1, Math.round(memoryMiB * SEMI_SPACE_SHARE));
  const old = Math.round(memoryMiB * OLD_SPACE_SHARE);
  return `${enter}exec ${nodePath} --max-old-space-size=${old} --max-semi-space-size=${semi} "$@"`;
}
