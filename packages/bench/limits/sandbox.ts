import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeAws } from "@event-pipeline/testing/fake-aws";
import { Child } from "../child";
import { lambdaEnvironment } from "../environment";
import type { Batch } from "./batches";
import { Cgroup } from "./cgroup";
import type { Invocation, InvocationFigures } from "./lambda-process";

/** MiB at which Lambda gives a function a whole core: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MIB_PER_CORE = 1_769;
/** Of the memory, what Lambda starts Node.js with. */
const OLD_SPACE_SHARE = 0.9;
const SEMI_SPACE_SHARE = 0.025;
/** About what DynamoDB and SQS take in the same region. */
const LATENCY_MS = 5;

export interface SandboxProps {
  readonly memoryMiB: number;
  /** Path of the Node.js to run. */
  readonly node: string;
}

export interface SandboxFigures {
  /** Milliseconds that the invocation took; undefined when the process was killed or did not answer in time. */
  readonly ms: number | undefined;
  /** Most memory that was in use since the process started. */
  readonly peakBytes: number;
  /** Of the good neighbours, those that are stored and not handed back. */
  readonly goodStored: number;
  readonly handedBack: number;
}

/** The deployed bundle in a process with the memory and the share of a core that Lambda would give it. */
export class Sandbox {
  private readonly file = join(mkdtempSync(join(tmpdir(), "batch-")), "event.json");

  private constructor(
    readonly memoryMiB: number,
    private readonly aws: FakeAws,
    private readonly cgroup: Cgroup,
    private readonly child: Child<Invocation, InvocationFigures>,
  ) {}

  /** @throws Error that says what it takes where such a process cannot be made. */
  static async start({ memoryMiB, node }: SandboxProps): Promise<Sandbox> {
    const cgroup = Cgroup.create({ memoryBytes: memoryMiB * 1_024 * 1_024, cores: memoryMiB / MIB_PER_CORE });
    const aws = new FakeAws();
    const endpoint = await aws.start();
    const { child } = await Child.start<Invocation, InvocationFigures, object>({
      file: "limits/lambda-process.mjs",
      args: ["dist/lambda/event-processor/index.mjs"],
      env: { ...lambdaEnvironment(endpoint), AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB) },
      quiet: true,
      program: { path: "/bin/sh", args: ["-c", enter(cgroup, node, memoryMiB), "sh"] },
    });
    return new Sandbox(memoryMiB, aws, cgroup, child);
  }

  async invoke(batch: Batch, timeoutMs: number): Promise<SandboxFigures> {
    this.aws.reset();
    this.aws.latencyMs = LATENCY_MS;
    writeFileSync(this.file, JSON.stringify(batch.event));
    const figures = await this.answer({ file: this.file, timeoutMs });
    const handedBack = new Set(figures?.handedBack ?? batch.event.Records.map(({ messageId }) => messageId));
    const stored = new Set([...this.aws.items.values()].map(({ message_id }) => message_id?.S));
    return {
      ms: figures?.ms,
      peakBytes: this.cgroup.peakBytes,
      goodStored: batch.good.filter((good) => stored.has(good.snsMessageId) && !handedBack.has(good.sqsMessageId))
        .length,
      handedBack: handedBack.size,
    };
  }

  async stop(): Promise<void> {
    await this.child.stop();
    this.cgroup.remove();
    await this.aws.stop();
  }

  /** Lambda kills what has not answered in time; so may the kernel, for its memory. */
  private async answer(invocation: Invocation): Promise<InvocationFigures | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, invocation.timeoutMs, undefined);
    });
    const figures = await Promise.race([this.child.ask(invocation).catch(() => undefined), late]);
    clearTimeout(timer);
    return figures;
  }
}

/** A shell's command: joins the group, and becomes Node.js as Lambda starts it. */
function enter({ entrances }: Cgroup, node: string, memoryMiB: number): string {
  const enterAll = entrances.map((file) => `echo $$ > ${file} && `).join("");
  const semi = Math.max(1, Math.round(memoryMiB * SEMI_SPACE_SHARE));
  const old = Math.round(memoryMiB * OLD_SPACE_SHARE);
  return `${enterAll}exec ${node} --max-old-space-size=${old} --max-semi-space-size=${semi} "$@"`;
}
