import { drained } from "./kept-events";
import { LocalRun } from "./local-run";
import { operatorOf, type Ran, records } from "./operator";

/** A local run, and the operator's command for it. */
export class OperatedRun {
  private published = 0;

  private constructor(readonly local: LocalRun) {}

  static async start(): Promise<OperatedRun> {
    return new OperatedRun(await LocalRun.start());
  }

  async stop(): Promise<void> {
    expect(await this.local.stop()).toBe(0);
  }

  command(...args: string[]): Promise<Ran> {
    return operatorOf(this.local, args);
  }

  /** Publishes a message a line, and resolves when all are archived, and nothing waits in the queue. */
  async publish(lines: readonly string[]): Promise<void> {
    const published = await operatorOf(this.local, ["publish", "-", "--no-validate"], `${lines.join("\n")}\n`);
    expect([published.code, published.stdout.split("\n").length - 1]).toEqual([0, lines.length]);
    this.published += lines.length;
    await this.drained();
    await this.local.until(() => this.local.hops("archived").length >= this.published, 60_000);
  }

  /** Resolves when nothing waits in the queue any more, nor is being processed. */
  drained(): Promise<void> {
    return drained(this.local, this.local.output("queue_url"));
  }

  /** What `reconcile` counts in all, and its exit code. */
  async total(...args: string[]): Promise<Record<string, unknown>> {
    const ran = await this.command("reconcile", "--json", ...args);
    return { code: ran.code, ...records(ran).find(({ kind }) => kind === "total") };
  }
}
