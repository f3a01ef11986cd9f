import { type ChildProcess, fork } from "node:child_process";
import { resolve } from "node:path";

const REPLY_TIMEOUT_MS = 60_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface ChildProps {
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
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
  }

  private next<Message>(): Promise<Message> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.process.off("message", onMessage).off("exit", onExit);
        settle();
      };
      const fail = (why: string) => done(() => reject(new Error(`${this.file} ${why}.`)));
      const onMessage = (message: Message) => done(() => resolve(message));
      const onExit = (code: number | null) => fail(`exited with ${code} instead of answering`);
      const timer = setTimeout(() => fail(`did not answer within ${REPLY_TIMEOUT_MS / 1_000} s`), REPLY_TIMEOUT_MS);
      this.process.once("message", onMessage).once("exit", onExit);
    });
  }
}

/** Kills the child when this process ends, for a child without an IPC channel. */
export function endTogether(child: ChildProcess): void {
  const kill = () => child.kill("SIGKILL");
  const exit = () => process.exit(1);
  process.once("exit", kill);
  for (const signal of SIGNALS) process.once(signal, exit);
  child.once("exit", () => {
    process.off("exit", kill);
    for (const signal of SIGNALS) process.off(signal, exit);
  });
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
