import { FaultyProxy } from "@event-pipeline/testing/faulty-proxy";
import type { LocalRun } from "@event-pipeline/testing/local-run";
import { type RecordedCall, recordedCalls } from "@event-pipeline/testing/recorded-call";
import { CliProcess, runCli } from "@event-pipeline/testing/run-cli";

/** Name, region and account of the local run. */
export const [NAME, REGION, ACCOUNT] = ["local", "us-east-1", "000000000000"];

/** Exit codes of a command that completed, with or without findings. */
const DONE: readonly (number | null)[] = [0, 1, 3];

/** Sends a request to the page's server: a POST if it has a body. */
export type Ask = (path: string, body?: object) => Promise<void>;

/** Runs commands against a local run, each through its own recording proxy. */
export class RecordedCommands {
  private readonly callsByCommand = new Map<string, RecordedCall[]>();

  constructor(private readonly run: LocalRun) {}

  /** Returns the calls that a command has made so far, in all variants. */
  callsOf(command: string): RecordedCall[] {
    return this.callsByCommand.get(command) ?? [];
  }

  /** Runs one variant of a command, and returns its output. */
  async record(command: string, variant: readonly string[] = [], stdin = ""): Promise<string> {
    const proxy = await this.open(command);
    const args = [...command.split(" "), ...variant, ...addressOf(proxy)];
    const ran = await runCli(args, { stdin });
    await proxy.close();
    expect({ args, ran, isDone: DONE.includes(ran.code) }).toEqual({ args, ran, isDone: true });
    return ran.stdout;
  }

  /** Runs a command that serves the page, and calls `use` while the page is available. */
  async recordConsole(command: string, use: (ask: Ask, url: string) => Promise<void>): Promise<void> {
    const proxy = await this.open(command);
    const serving = new CliProcess(["console", "--json", ...addressOf(proxy)]);
    await serving.until(() => serving.stdout.includes("\n"));
    const { url } = JSON.parse(serving.stdout) as { url: string };
    const { origin, hash } = new URL(url);
    await use(async (path, body) => {
      const answer = await fetch(origin + path, {
        headers: { authorization: `Bearer ${hash.slice("#token=".length)}`, "content-type": "application/json" },
        ...(body && { method: "POST", body: JSON.stringify(body) }),
      });
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
    }, url);
    serving.child.kill("SIGINT");
    await serving.done;
    await proxy.close();
  }

  private open(command: string): Promise<FaultyProxy> {
    return FaultyProxy.open((request) => {
      this.callsByCommand.set(command, [...this.callsOf(command), ...recordedCalls(request, ACCOUNT)]);
      return undefined;
    }, this.run.ready.endpoint);
  }
}

function addressOf(proxy: FaultyProxy): string[] {
  return ["--local", "--endpoint-url", proxy.endpoint, "--name", NAME];
}
