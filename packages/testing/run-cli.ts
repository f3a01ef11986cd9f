import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Readable, Writable } from "node:stream";
import { runCommand } from "@event-pipeline/cli/run-command";
import type { LocalRun } from "./local-run";

/** The result of a command. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment without the developer's own configuration. */
const BARE = { PATH: process.env.PATH, AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };

/** `event-pipeline` as its own process, which can receive input and signals while it runs. */
export class CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly done: Promise<CommandResult>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}, file = process.execPath) {
    this.child = spawn(file, file === process.execPath ? ["dist/cli/main.mjs", ...args] : args, {
      env: { ...BARE, AWS_EC2_METADATA_DISABLED: "true", ...environment },
    });
    this.child.stdin.on("error", () => undefined); // It may end before it has read everything.
    this.child.stdout.setEncoding("utf8").on("data", (chunk) => {
      this.stdout += chunk;
    });
    this.child.stderr.setEncoding("utf8").on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.done = new Promise((resolve) => {
      this.child.once("close", (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Runs a line of a shell, without stdin. */
  static shell(line: string, environment: Readonly<Record<string, string>>): CliProcess {
    const shell = new CliProcess(["-c", line], environment, "sh");
    shell.child.stdin.end();
    return shell;
  }

  /** Resolves when `done` returns true, checked at every output; rejects if the command ends first. */
  async until(done: () => boolean): Promise<void> {
    let stop = () => undefined as unknown;
    await new Promise<void>((resolve, reject) => {
      const check = () => done() && resolve();
      this.child.stdout.on("data", check);
      this.child.stderr.on("data", check);
      stop = () => [this.child.stdout.off("data", check), this.child.stderr.off("data", check)];
      void this.done.then((ran) => (done() ? resolve() : reject(new Error(`It ended: ${JSON.stringify(ran)}`))));
      check();
    }).finally(() => stop());
  }
}

interface RunCliOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Runs `event-pipeline` to its end, as its own process. */
export async function runCliProcess(
  args: readonly string[],
  { environment = {}, stdin = "" }: RunCliOptions = {},
): Promise<CommandResult> {
  const { child, done } = new CliProcess(args, environment);
  child.stdin.end(stdin);
  return done;
}

/** Runs `event-pipeline` to its end in this process, with all that it does from its arguments to its exit code. */
export async function runCli(
  args: readonly string[],
  { environment = {}, stdin = "" }: RunCliOptions = {},
): Promise<CommandResult> {
  const stdout = new Text();
  const stderr = new Text();
  const signal = new AbortController().signal;
  const io = { stdout, stderr, stdin: Readable.from([Buffer.from(stdin)]), env: { ...BARE, ...environment } };
  const code = await runCommand(args, { ...io, closed: signal, interrupted: signal, failure: undefined }, "1.2.3");
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Runs `event-pipeline` against a local run, with only its address. */
export function runCliOn(run: LocalRun, args: readonly string[], stdin = ""): Promise<CommandResult> {
  return runCli(args, { environment: { AWS_ENDPOINT_URL: run.ready.endpoint }, stdin });
}

/** Keeps what is written to it. */
class Text extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Returns the objects that `--json` printed. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into them.
export function records({ stdout }: CommandResult): any[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
