import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as after } from "node:timers/promises";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ChildOptions {
  readonly cwd: string;
  readonly env: Environment;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LIFELINE = join(__dirname, "lifeline.mjs");

/** A child process that cannot outlive this process. */
export class Child {
  private readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly exited: Promise<number>;
  stdout = "";
  stderr = "";

  constructor(
    private readonly command: string,
    private readonly args: readonly string[],
    { cwd, env }: ChildOptions,
  ) {
    this.process = spawn(process.execPath, [LIFELINE, command, ...args], {
      cwd,
      env: { ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.process.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.exited = once(this.process, "close").then(([code]) => Number(code ?? 1));
  }

  /** @throws Error if the command takes longer than `limitMs`, after killing it. */
  async finished(limitMs: number): Promise<Finished> {
    const code = await this.within(limitMs, this.exited, "to finish");
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  /** Resolves with the first match of `pattern` in the command's output. */
  async says(pattern: RegExp, limitMs: number): Promise<RegExpExecArray> {
    const look = () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
    const said = new Promise<RegExpExecArray>((resolve) => {
      for (const stream of [this.process.stdout, this.process.stderr]) {
        stream.on("data", () => {
          const match = look();
          if (match) resolve(match);
        });
      }
    });
    const ended = this.exited.then((code) => {
      throw new Error(
        `${this.line} exited with code ${code} before it printed ${pattern}:\n${this.stdout}${this.stderr}`,
      );
    });
    return this.within(limitMs, Promise.race([said, ended]), `to print ${pattern}`);
  }

  async stop(): Promise<void> {
    this.process.stdin.end();
    await this.exited;
  }

  private get line(): string {
    return [this.command, ...this.args].join(" ");
  }

  private async within<T>(limitMs: number, wanted: Promise<T>, what: string): Promise<T> {
    const timer = new AbortController();
    const late = after(limitMs, "late" as const, { signal: timer.signal });
    try {
      const outcome = await Promise.race([wanted.then((value) => ({ value })), late]);
      if (outcome !== "late") return outcome.value;
    } finally {
      timer.abort();
      // The aborted timer's promise rejects.
      late.catch(() => undefined);
    }
    await this.stop();
    throw new Error(`${this.line} took longer than ${limitMs / 1_000} s ${what}:\n${this.stdout}${this.stderr}`);
  }
}
