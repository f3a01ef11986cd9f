import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Readable, Writable } from "node:stream";
import { runCommand } from "@event-pipeline/cli/run-command";
import { NPX_COMMAND } from "@event-pipeline/operations/commands";
import type { LocalRun } from "./local-run";

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment without the developer's own configuration. */
const BASE_ENVIRONMENT = {
  PATH: process.env.PATH,
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
};

/** Adds `--local` if the environment has the endpoint of a local run. */
function localArgs(args: readonly string[], environment: Readonly<Record<string, string>>): readonly string[] {
  if (environment.AWS_ENDPOINT_URL === undefined) return args;
  return args.includes("--") ? ["--local", ...args] : [...args, "--local"];
}

/** `event-pipeline` as a child process, which can receive input and signals while it runs. */
export class CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly done: Promise<CommandResult>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}, file = process.execPath) {
    this.child = spawn(
      file,
      file === process.execPath ? ["dist/cli/main.mjs", ...localArgs(args, environment)] : args,
      {
        env: { ...BASE_ENVIRONMENT, AWS_EC2_METADATA_DISABLED: "true", ...environment },
      },
    );
    this.child.stdin.on("error", () => undefined); // The command may end before it reads all input.
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

  /** Runs a command in bash, with empty stdin. Printed commands may contain `$'…'`, which a plain POSIX shell does not know. */
  static shell(line: string, environment: Readonly<Record<string, string>>): CliProcess {
    const shell = new CliProcess(["-c", line], environment, "bash");
    shell.child.stdin.end();
    return shell;
  }

  /** Resolves when `done` returns true. Checks it after each output. Rejects if the command ends first. */
  async until(done: () => boolean): Promise<void> {
    let stop = () => undefined as unknown;
    await new Promise<void>((resolve, reject) => {
      const check = () => done() && resolve();
      this.child.stdout.on("data", check);
      this.child.stderr.on("data", check);
      stop = () => [this.child.stdout.off("data", check), this.child.stderr.off("data", check)];
      void this.done.then((ran) =>
        done() ? resolve() : reject(new Error(`The command ended: ${JSON.stringify(ran)}`)),
      );
      check();
    }).finally(() => stop());
  }
}

interface RunCliOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: Input;
}

type Input = string | AsyncIterable<Buffer>;

function streamOf(input: Input): Readable {
  return Readable.from(typeof input === "string" ? [Buffer.from(input)] : input);
}

interface RunCliInProcessOptions extends RunCliOptions {
  /** Interrupts the command, as Ctrl-C does. */
  readonly interrupted?: AbortSignal;
  /** The width of the terminal. @default - 80 */
  readonly columns?: number;
  /** Receives each text that the command writes. */
  readonly onOutput?: (text: string, stream: "stdout" | "stderr") => void;
}

/** Runs `event-pipeline` as a child process until it ends. */
export async function runCliProcess(
  args: readonly string[],
  { environment = {}, stdin = "" }: RunCliOptions = {},
): Promise<CommandResult> {
  const { child, done } = new CliProcess(args, environment);
  streamOf(stdin).pipe(child.stdin);
  return done;
}

/** Runs `event-pipeline` in this process until it ends, including the parsing of arguments and the exit code. */
export async function runCli(
  args: readonly string[],
  { environment = {}, stdin = "", interrupted, columns, onOutput }: RunCliInProcessOptions = {},
): Promise<CommandResult> {
  const stdout = new TextCollector((text) => onOutput?.(text, "stdout"));
  const stderr = new TextCollector((text) => onOutput?.(text, "stderr"));
  const signal = new AbortController().signal;
  const io = {
    stdout: Object.assign(stdout, columns !== undefined && { columns }),
    stderr,
    stdin: streamOf(stdin),
    env: { ...BASE_ENVIRONMENT, ...environment },
  };
  const code = await runCommand(
    localArgs(args, environment),
    { ...io, closed: signal, interrupted: interrupted ?? signal, failure: undefined },
    { version: "1.2.3", invocation: NPX_COMMAND },
  );
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Runs `event-pipeline` in this process against a local run. */
export function runCliOn(run: LocalRun, args: readonly string[], stdin: Input = ""): Promise<CommandResult> {
  return runCli(args, { environment: { AWS_ENDPOINT_URL: run.ready.endpoint }, stdin });
}

class TextCollector extends Writable {
  text = "";

  constructor(private readonly onText: (text: string) => void) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.onText(chunk.toString());
    done();
  }
}

/** Returns the objects that `--json` printed. */
// biome-ignore lint/suspicious/noExplicitAny: tests access their properties.
export function records({ stdout }: CommandResult): any[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
