import { DeleteObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { type CommandResult, records, runCli, runCliProcess } from "@event-pipeline/testing/run-cli";
import { drained } from "@event-pipeline/testing/stored-events";
import { wipe } from "./wipe";

/** A local run, and the CLI for it. */
export class OperatedRun {
  private constructor(
    readonly local: LocalRun,
    private readonly operate: typeof runCli,
  ) {}

  /** @param operate - Runs a command. `runCliProcess` is faster for thousands of events. */
  static async start(operate = runCli): Promise<OperatedRun> {
    // A late duplicate would store an event again that a test has deleted.
    return new OperatedRun(await LocalRun.start("--delivery", "ordered"), operate);
  }

  private get environment(): Record<string, string> {
    return { AWS_ENDPOINT_URL: this.local.ready.endpoint };
  }

  async stop(): Promise<void> {
    expect(await this.local.stop()).toBe(0);
  }

  /** Empties the table, the archive and the dead-letter queue. */
  async reset(): Promise<void> {
    await this.drained();
    const { s3, sqs } = this.local.clients;
    const Bucket = this.local.output("raw_bucket");
    await wipe(this.local);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl: this.local.output("dlq_url") }));
  }

  command(...args: string[]): Promise<CommandResult> {
    return this.operate(args, { environment: this.environment });
  }

  /** Publishes one message per line, and waits until all are archived and the queue is empty. */
  async publish(lines: readonly string[]): Promise<void> {
    const published = await runCliProcess(["publish", "-", "--no-validate"], {
      environment: this.environment,
      stdin: `${lines.join("\n")}\n`,
    });
    const ids = new Set(published.stdout.trimEnd().split("\n"));
    expect([published.code, ids.size]).toEqual([0, lines.length]);
    await this.drained();
    await this.local.until(() => {
      const archived = this.local.idsOf("archived");
      return [...ids].every((id) => archived.has(id));
    }, 60_000);
  }

  /** Resolves when the queue has no visible, delayed or in-flight messages. */
  drained(): Promise<void> {
    return drained(this.local, this.local.output("queue_url"));
  }

  /** Returns the totals of `reconcile`, and its exit code. */
  async total(...args: string[]): Promise<Record<string, unknown>> {
    const ran = await this.command("reconcile", "--json", ...args);
    return { code: ran.code, ...records(ran).find(({ kind }) => kind === "total") };
  }
}
