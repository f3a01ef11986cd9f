import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { type Clock, isMachineClock } from "../clock";
import { LineReader } from "./line-reader";

/** Lambda's timeout for loading a handler. */
const INIT_TIMEOUT_MS = 10_000;

/** Maximum wait for an invocation's last log lines. After a crash, a child process may keep the output open. */
const LOG_TIMEOUT_MS = 1_000;

/** A message to the process that runs a handler. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly event: unknown;
  /** Time of the machine at which the host kills the process, in epoch milliseconds. */
  readonly deadline: number;
  /** Marker that the process writes to stdout after the invocation's log lines. */
  readonly endOfLog: string;
  /** Milliseconds that the host's clock is ahead of the machine's; absent if they are the same clock. */
  readonly aheadMs?: number | undefined;
}

/** A message from the process: `ready` once the handler is loaded, then one response per invocation. */
export type RuntimeMessage =
  | { readonly ready: true }
  /** The result in JSON; undefined if the handler returned nothing. */
  | { readonly result: string | undefined }
  | { readonly error: { readonly type: string; readonly message: string; readonly trace: readonly string[] } };

/** Thrown when an invocation fails. The message has the wording of Lambda's logs. */
export class InvocationError extends Error {
  override readonly name = "InvocationError";

  /** @param payload - Payload that Lambda returns to the caller. */
  constructor(
    message: string,
    readonly payload: object,
  ) {
    super(message);
  }
}

interface EnvironmentOptions {
  readonly runtimeFile: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly clock: Clock;
  /** Called with each line that the process writes. */
  readonly onLine: (line: string) => void;
}

/** One process with a loaded handler. A crash or a timeout ends the process. */
export class ExecutionEnvironment {
  private readonly child: ChildProcess;
  private readonly stdout: LineReader;
  /** Only what is not written by JavaScript, such as the reason of a crash. */
  private readonly stderr: LineReader;
  private readonly exited: Promise<void>;
  /** Receives the reply, or the reason of the process's end, of the current invocation. */
  private receive: ((outcome: RuntimeMessage | string) => void) | undefined;
  /** Called with each line of the current invocation. */
  private onInvocationLine: ((line: string) => void) | undefined;
  private ended: string | undefined;

  constructor(private readonly options: EnvironmentOptions) {
    const { runtimeFile, variables, memoryMb, onLine } = options;
    const aheadMs = this.aheadMs();
    this.child = fork(runtimeFile, aheadMs === undefined ? [] : [String(aheadMs)], {
      env: { ...variables },
      execArgv: [`--max-old-space-size=${memoryMb}`],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Faster than JSON for the large texts in events.
      serialization: "advanced",
    });
    this.child.on("message", (message: RuntimeMessage) => this.receive?.(message));
    this.exited = new Promise((resolve) => {
      const end = (reason: string) => {
        this.ended = reason;
        this.receive?.(reason);
        resolve();
      };
      this.child.once("error", (error) => end(`Runtime could not be started: ${error.message}`));
      this.child.once("exit", (code, signal) =>
        end(`Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${code}`}`),
      );
    });
    const read = (line: string) => {
      onLine(line);
      this.onInvocationLine?.(line);
    };
    const { stdout, stderr } = this.child as ChildProcess & Record<"stdout" | "stderr", Readable>;
    this.stdout = new LineReader(stdout, read);
    this.stderr = new LineReader(stderr, read);
  }

  /**
   * Waits until the handler is loaded.
   *
   * @throws InvocationError when the handler cannot be loaded. Then, the process has ended.
   */
  async ready(): Promise<void> {
    try {
      await this.reply(randomUUID(), INIT_TIMEOUT_MS, `Init timed out after ${INIT_TIMEOUT_MS / 1_000} seconds`);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get alive(): boolean {
    return this.ended === undefined && this.child.connected;
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
    this.onInvocationLine = onLine;
    // The reply has its own channel and may arrive before the last log lines.
    const linesRead = this.stdout.until(endOfLog);
    const reply = this.reply(requestId, timeoutMs, `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
    const deadline = Date.now() + timeoutMs;
    const invocation: InvocationRequest = { requestId, event, deadline, endOfLog, aheadMs: this.aheadMs() };
    try {
      // If the send fails later, the process is exiting, which `reply` reports.
      this.child.send(invocation, () => undefined);
    } catch (error) {
      // The event is nested too deeply.
      const { name, message } = error as Error;
      this.receive?.({ error: { type: name, message, trace: [] } });
    }
    try {
      return await reply;
    } finally {
      await within(LOG_TIMEOUT_MS, linesRead);
      if (this.ended !== undefined) await within(LOG_TIMEOUT_MS, this.stderr.until(endOfLog));
      this.onInvocationLine = undefined;
    }
  }

  /** Kills the process and waits for its exit. */
  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  private aheadMs(): number | undefined {
    const { clock } = this.options;
    return isMachineClock(clock) ? undefined : clock.now() - Date.now();
  }

  /** Waits for the process's reply: the handler's result, or undefined when the handler is loaded. */
  private async reply(requestId: string, timeoutMs: number, timeoutMessage: string): Promise<unknown> {
    const received = new Promise<RuntimeMessage | string>((resolve) => {
      this.receive = resolve;
      if (this.ended !== undefined) resolve(this.ended);
    });
    const outcome = await within(timeoutMs, received);
    this.receive = undefined;
    if (outcome === undefined) {
      await this.stop();
      throw runtimeError("Sandbox.Timedout", requestId, timeoutMessage);
    }
    if (typeof outcome === "string") throw runtimeError("Runtime.ExitError", requestId, outcome);
    if ("error" in outcome) {
      const { type, message, trace } = outcome.error;
      throw new InvocationError(`${type}: ${message}`, { errorType: type, errorMessage: message, trace });
    }
    return "result" in outcome && outcome.result !== undefined ? JSON.parse(outcome.result) : undefined;
  }
}

function runtimeError(errorType: string, requestId: string, message: string): InvocationError {
  return new InvocationError(message, { errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` });
}

/** Resolves with the promise's value, or with undefined if the promise takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<undefined>((resolve) => {
    // setImmediate: if this process was delayed, it first reads messages that have arrived.
    timer = setTimeout(() => setImmediate(resolve, undefined), ms);
  });
  return Promise.race([promise, timedOut]).finally(() => clearTimeout(timer));
}
