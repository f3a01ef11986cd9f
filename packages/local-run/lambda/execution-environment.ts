import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LineReader } from "./line-reader";
import { endOfLog, type InvocationMessage, type RuntimeMessage } from "./runtime-protocol";

/** Lambda's limit for loading a handler. */
const INIT_TIMEOUT_MS = 10_000;

/** Wait for the log lines of an invocation, in case the handler passed its outputs to another process. */
const LOG_TIMEOUT_MS = 1_000;

/** A failed invocation; the message has the wording of Lambda's logs. */
export class InvocationError extends Error {
  override readonly name = "InvocationError";
}

/** One process with a loaded handler. A crash or a timeout ends it. */
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
  async invoke(
    requestId: string,
    event: unknown,
    timeoutSeconds: number,
    onLine: (line: string) => void,
  ): Promise<unknown> {
    const timeoutMs = timeoutSeconds * 1_000;
    const invocation: InvocationMessage = { requestId, event, deadline: Date.now() + timeoutMs };
    this.onInvocationLine = onLine;
    // The reply has its own channel and may arrive before the last lines.
    const linesRead = Promise.all(this.readers.map((reader) => reader.until(endOfLog(requestId))));
    const reply = this.next(timeoutMs, `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
    // If the send fails, the process is exiting, which `next` reports.
    this.child.send(invocation, () => undefined);
    try {
      return await reply;
    } finally {
      await withinLogTimeout(linesRead);
      this.onInvocationLine = undefined;
    }
  }

  /** Kills the process and waits for its exit. */
  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  private async next(timeoutMs: number, timeoutMessage: string): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    let onMessage: ((reply: RuntimeMessage) => void) | undefined;
    const replied = new Promise<RuntimeMessage>((resolve) => {
      onMessage = resolve;
      this.child.once("message", onMessage);
    });
    const timedOut = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, undefined);
    });
    const outcome = await Promise.race([replied, timedOut, this.ended]);
    clearTimeout(timer);
    if (onMessage) this.child.off("message", onMessage);

    if (outcome === undefined) {
      await this.stop();
      throw new InvocationError(timeoutMessage);
    }
    if (typeof outcome === "string") throw new InvocationError(outcome);
    if ("error" in outcome) throw new InvocationError(`${outcome.error.type}: ${outcome.error.message}`);
    return "result" in outcome ? outcome.result : undefined;
  }
}

async function withinLogTimeout(linesRead: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<void>((resolve) => {
    // setImmediate: if this process itself was delayed, it first reads what has arrived.
    timer = setTimeout(() => setImmediate(resolve), LOG_TIMEOUT_MS);
  });
  await Promise.race([linesRead, timedOut]);
  clearTimeout(timer);
}
