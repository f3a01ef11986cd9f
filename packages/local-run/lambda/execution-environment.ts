import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { LineReader } from "./line-reader";

/** Lambda's timeout for loading a handler. */
const INIT_TIMEOUT_MS = 10_000;

/** Maximum wait for an invocation's last log lines. After a crash, a child process may keep the output open. */
const LOG_TIMEOUT_MS = 1_000;

/** A message to the process that runs a handler. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly event: unknown;
  /** Time at which the host kills the process, in epoch milliseconds. */
  readonly deadline: number;
  /** Marker that the process writes to stdout and stderr after the invocation's log lines. */
  readonly endOfLog: string;
}

/** A message from the process: `ready` once the handler is loaded, then one response per invocation. */
export type RuntimeMessage =
  | { readonly ready: true }
  | { readonly result: unknown }
  | { readonly error: { readonly type: string; readonly message: string } };

/** Thrown when an invocation fails. The message has the wording of Lambda's logs. */
export class InvocationError extends Error {
  override readonly name = "InvocationError";
}

/** One process with a loaded handler. A crash or a timeout ends the process. */
export class ExecutionEnvironment {
  private readonly readers: readonly LineReader[];
  /** Called with each line of the current invocation. */
  private onInvocationLine: ((line: string) => void) | undefined;

  private constructor(
    private readonly child: ChildProcess,
    /** Resolves with the reason when the process has exited. */
    private readonly ended: Promise<string>,
    onLine: (line: string) => void,
  ) {
    this.readers = [child.stdout, child.stderr].flatMap((stream) =>
      stream
        ? new LineReader(stream, (line) => {
            onLine(line);
            this.onInvocationLine?.(line);
          })
        : [],
    );
  }

  /** @throws InvocationError when the handler cannot be loaded. */
  static async start(
    variables: Readonly<Record<string, string>>,
    onLine: (line: string) => void,
  ): Promise<ExecutionEnvironment> {
    const child = fork(fileURLToPath(new URL("./lambda-runtime.mjs", import.meta.url)), {
      env: { ...variables },
      execArgv: [`--max-old-space-size=${variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE}`],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(`Runtime could not be started: ${error.message}`));
      child.once("exit", (code, signal) =>
        resolve(`Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${code}`}`),
      );
    });
    const environment = new ExecutionEnvironment(child, ended, onLine);
    try {
      await environment.next(INIT_TIMEOUT_MS, `Init timed out after ${INIT_TIMEOUT_MS / 1_000} seconds`);
    } catch (error) {
      await environment.stop();
      throw error;
    }
    return environment;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.connected;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Invokes the handler.
   *
   * @param onLine - Called with each line that the handler logs, before this resolves or rejects.
   * @throws InvocationError when the handler throws, times out or ends its process.
   */
  async invoke(event: unknown, timeoutSeconds: number, onLine: (line: string) => void): Promise<unknown> {
    const timeoutMs = timeoutSeconds * 1_000;
    const requestId = randomUUID();
    const endOfLog = `\0end of ${requestId}`;
    const invocation: InvocationRequest = { requestId, event, deadline: Date.now() + timeoutMs, endOfLog };
    this.onInvocationLine = onLine;
    // The reply has its own channel and may arrive before the last log lines.
    const linesRead = Promise.all(this.readers.map((reader) => reader.until(endOfLog)));
    const reply = this.next(timeoutMs, `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
    // If the send fails, the process is exiting, which `next` reports.
    this.child.send(invocation, () => undefined);
    try {
      return await reply;
    } finally {
      await withTimeout(LOG_TIMEOUT_MS, linesRead);
      this.onInvocationLine = undefined;
    }
  }

  /** Kills the process and waits for its exit. */
  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  private async next(timeoutMs: number, timeoutMessage: string): Promise<unknown> {
    const settled = new AbortController();
    const replied = once(this.child, "message", { signal: settled.signal });
    const outcome = await withTimeout(timeoutMs, Promise.race([replied, this.ended])).finally(() => settled.abort());
    if (outcome === undefined) {
      await this.stop();
      throw new InvocationError(timeoutMessage);
    }
    if (typeof outcome === "string") throw new InvocationError(outcome);
    const [reply] = outcome as [RuntimeMessage];
    if ("error" in reply) throw new InvocationError(`${reply.error.type}: ${reply.error.message}`);
    return "result" in reply ? reply.result : undefined;
  }
}

/** Resolves with the promise's value, or with undefined if the promise takes longer. */
async function withTimeout<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const settled = new AbortController();
  // setImmediate: if this process was delayed, it first reads messages that have arrived.
  const timedOut = sleep(ms, undefined, { signal: settled.signal }).then(() => setImmediate(undefined));
  return Promise.race([promise, timedOut]).finally(() => settled.abort());
}
