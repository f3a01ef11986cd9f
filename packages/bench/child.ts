import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

const REPLY_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 600_000;

interface ChildOptions {
  /** Path of the bundle in dist/bench: `handler-process.mjs`. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * True to discard the process's stderr output.
   * @default false
   */
  readonly quiet?: boolean;
  /**
   * Program that runs the bundle, and the arguments before the bundle's path.
   * @default - the Node.js that runs this process
   */
  readonly program?: { readonly path: string; readonly args: readonly string[] };
}

/** A child process that sends one reply to each request over IPC. */
export class Child<Request extends object, Reply> {
  private constructor(
    private readonly process: ChildProcess,
    private readonly file: string,
  ) {}

  /** Starts the process and waits for its first message, which is returned as `ready`. */
  static async start<Request extends object, Reply, Ready>(
    options: ChildOptions,
  ): Promise<{ child: Child<Request, Reply>; ready: Ready }> {
    const path = resolve("dist/bench", options.file);
    const forked = fork(path, options.args ?? [], {
      env: { ...process.env, ...options.env },
      ...(options.program && { execPath: options.program.path, execArgv: [...options.program.args] }),
      stdio: ["ignore", "ignore", options.quiet ? "ignore" : "inherit", "ipc"],
    });
    const child = new Child<Request, Reply>(forked, options.file);
    return { child, ready: await child.next<Ready>() };
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async request(request: Request): Promise<Reply> {
    const reply = this.next<Reply>();
    this.process.send(request);
    return reply;
  }

  /** Calls the listener for each message from the process. */
  onMessage(listener: (message: Reply) => void): void {
    this.process.on("message", listener);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill("SIGKILL");
    await once(this.process, "exit");
  }

  private async next<Message>(): Promise<Message> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(REPLY_TIMEOUT_MS)]);
    const exited = once(this.process, "exit", { signal }).then(([code]) => {
      throw new Error(`${this.file} exited with code ${code} before it replied.`);
    });
    const message = once(this.process, "message", { signal });
    const [reply] = await Promise.race([message, exited]).finally(() => stop.abort());
    return reply as Message;
  }
}

/** Handles the parent's requests in a child process. The child exits when its parent exits. */
export function serveParent<Request, Reply extends object>(
  ready: object,
  handle: (request: Request) => Promise<Reply> | Reply,
): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (request: Request) => {
    Promise.resolve(request)
      .then(handle)
      .then(
        (reply) => process.send?.(reply),
        (error: unknown) => {
          process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
          process.exit(1);
        },
      );
  });
  process.send?.(ready);
}

/** Runs Node.js until it exits. Returns the duration in milliseconds and the stderr output. */
export function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { ms: number; stderr: string } {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: RUN_TIMEOUT_MS,
  });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`node ${args.join(" ")} exited with code ${status}: ${stderr}`);
  return { ms, stderr };
}
