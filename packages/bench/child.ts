import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

const REPLY_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 600_000;

interface ChildProps {
  /** Bundle in dist/bench, such as `handler/handler-process.mjs`. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Discards what the process writes to stderr.
   * @default false
   */
  readonly quiet?: boolean;
  /**
   * Program to run instead of this Node.js, with arguments before the bundle's path.
   * @default - this Node.js
   */
  readonly program?: { readonly path: string; readonly args: readonly string[] };
}

/** A child process that answers each request with one reply over IPC. */
export class Child<Request extends object, Reply> {
  private constructor(
    private readonly process: ChildProcess,
    private readonly file: string,
  ) {}

  /** Starts the process, and returns it with its first message, which says that it is ready. */
  static async start<Request extends object, Reply, Ready>(
    props: ChildProps,
  ): Promise<{ child: Child<Request, Reply>; ready: Ready }> {
    const path = resolve("dist/bench", props.file);
    const forked = fork(path, props.args ?? [], {
      env: { ...process.env, ...props.env },
      ...(props.program && { execPath: props.program.path, execArgv: [...props.program.args] }),
      stdio: ["ignore", "ignore", props.quiet ? "ignore" : "inherit", "ipc"],
    });
    const child = new Child<Request, Reply>(forked, props.file);
    return { child, ready: await child.next<Ready>() };
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async ask(request: Request): Promise<Reply> {
    const reply = this.next<Reply>();
    this.process.send(request);
    return reply;
  }

  /** Subscribes to messages that the child sends on its own. */
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
      throw new Error(`${this.file} exited with ${code} instead of answering.`);
    });
    const message = once(this.process, "message", { signal });
    const [reply] = await Promise.race([message, exited]).finally(() => stop.abort());
    return reply as Message;
  }
}

/** Answers the parent's requests in the child process, which exits with its parent. */
export function serve<Request, Reply extends object>(
  ready: object,
  answer: (request: Request) => Promise<Reply> | Reply,
): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (request: Request) => {
    Promise.resolve(request)
      .then(answer)
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

/** Runs Node.js from start to end, and returns the milliseconds that it took and what it wrote to stderr. */
export function runNode(args: readonly string[]): { ms: number; stderr: string } {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    timeout: RUN_TIMEOUT_MS,
  });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`node ${args.join(" ")} exited with ${status}: ${stderr}`);
  return { ms, stderr };
}
