import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { type Clients, clientsFor } from "@event-pipeline/local-aws/clients";
import type { ReadyFacts } from "@event-pipeline/local-run/hops/report";
import type { Stage } from "../../stacks/options/read-stage";
import { type Synthesized, stageWith, synthStackFolder, synthStackText } from "./synthesized";

/** Delay between a new line and the check of waiting predicates, in milliseconds. */
const CHECK_DELAY_MS = 5;

const STACK_FILE = "cdk.tf.json";

/** The seed is the same in every run of the tests, so that a failure can be repeated. */
const SHUFFLED_DELIVERY = ["--delivery", "shuffled", "--seed", process.env.DELIVERY_SEED ?? "1"];

type Line = { kind: string } & Record<string, unknown>;

/**
 * Returns a new folder with the stack's JSON for `--stack-folder`.
 *
 * @param edit - Changes the JSON.
 * @param stage - Stage to synthesize. @default - a stage with default options
 * @param eventsFolder - The folder with the contracts and the mapping. @default - none
 */
export function stackFolder(
  edit: (stack: Synthesized) => void = () => undefined,
  stage?: Stage,
  eventsFolder?: string,
): string {
  const folder = mkdtempSync(join(tmpdir(), "stack-"));
  if (eventsFolder !== undefined) return edited(synthStackFolder(folder, { stage, eventsFolder }), edit);
  const text = stage ? synthesize(folder, stage) : readFileSync(join(defaultStackFolder(), STACK_FILE), "utf8");
  writeFileSync(join(folder, STACK_FILE), text);
  return edited(folder, edit);
}

/**
 * Returns the folder of a stack with default options. Synth takes a second, so all test files of a run share the
 * folder.
 */
function defaultStackFolder(): string {
  process.env.TEST_RUN_FOLDER ??= mkdtempSync(join(tmpdir(), "stack-"));
  const folder = process.env.TEST_RUN_FOLDER;
  const file = join(folder, STACK_FILE);
  if (!existsSync(file)) {
    writeFileSync(`${file}.${process.pid}`, synthesize(folder));
    renameSync(`${file}.${process.pid}`, file);
  }
  return folder;
}

function edited(folder: string, edit: (stack: Synthesized) => void): string {
  const file = join(folder, STACK_FILE);
  const stack = JSON.parse(readFileSync(file, "utf8")) as Synthesized;
  edit(stack);
  writeFileSync(file, JSON.stringify(stack));
  return folder;
}

function synthesize(folder: string, stage?: Stage): string {
  return synthStackText({ projectRoot: relative(folder, "."), stage: stage ?? stageWith() });
}

const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** The local run of `npm start`, as a child process on a free port. Parses each line of its output. */
export class LocalRun {
  readonly lines: Line[] = [];
  stderr = "";
  readonly exited: Promise<number | null>;
  private readonly listeners = new Set<() => void>();
  private pendingCheck: NodeJS.Timeout | undefined;

  private constructor(readonly child: ChildProcess) {
    if (!child.stdout || !child.stderr) throw new Error("The local run has no output.");
    createInterface(child.stdout).on("line", (line) => {
      this.lines.push(JSON.parse(line) as Line);
      this.checkSoon();
    });
    // jest must not wait for a run that a failed test did not stop.
    for (const handle of [child, child.stdout as Socket, child.stderr as Socket]) handle.unref();
    children.add(child);
    child.stderr.on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.exited = new Promise((done) => {
      child.once("close", done);
    });
  }

  /**
   * Starts the run. Its queues deliver out of order and some messages twice, as SQS may, unless `--delivery ordered` is
   * among the arguments.
   */
  static spawn(...args: string[]): LocalRun {
    return LocalRun.spawnUnder([], ...args);
  }

  /** Starts the run under another command, such as one that sets resource limits. */
  static spawnUnder(command: readonly string[], ...args: string[]): LocalRun {
    const hasFolder = args.includes("--stack-folder");
    const folder = hasFolder ? [] : ["--stack-folder", defaultStackFolder()];
    const all = ["--json", "--port", "0", ...SHUFFLED_DELIVERY, ...folder, ...args];
    // In a separate process group, as a terminal would start it.
    const [file = "", ...rest] = [...command, process.execPath, "dist/local/main.mjs", ...all];
    return new LocalRun(spawn(file, rest, { detached: true }));
  }

  /** Starts a run without demo events. Resolves when the run is ready. */
  static async start(...args: string[]): Promise<LocalRun> {
    const run = LocalRun.spawn("--no-demo", ...args);
    await run.waitFor((line) => line.kind === "ready");
    return run;
  }

  get ready(): ReadyFacts {
    return this.lines.find(({ kind }) => kind === "ready") as unknown as ReadyFacts;
  }

  get clients(): Clients {
    return clientsFor(this.ready.endpoint, this.ready.region);
  }

  /** Environment variables for AWS clients, as the run's instructions state them. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.ready.endpoint,
      AWS_REGION: this.ready.region,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    };
  }

  output(name: string): string {
    return String(this.ready.outputs[name]);
  }

  hops(kind?: HopKind): Hop[] {
    const hops = this.lines.filter((line) => line.kind === "hop").map(hopOf);
    return kind ? hops.filter((hop) => hop.kind === kind) : hops;
  }

  /** Returns the MessageIds of the hops of a kind. A message may have more than one, because SQS may deliver it again. */
  idsOf(kind: HopKind): Set<string> {
    const ids = new Set<string>();
    for (const { stage, messageId } of this.lines) if (stage === kind) ids.add(String(messageId));
    return ids;
  }

  hopsOf(messageId: string): Hop[] {
    return this.hops().filter((hop) => hop.messageId === messageId);
  }

  async waitForHop(messageId: string, stage: HopKind): Promise<Hop> {
    const isIt = (line: Line) => line.kind === "hop" && line.messageId === messageId && line.stage === stage;
    return hopOf(await this.waitFor(isIt));
  }

  async waitFor(matches: (line: Line) => boolean, timeoutMs = 20_000): Promise<Line> {
    await this.until(() => this.lines.some(matches), timeoutMs);
    return this.lines.find(matches) as Line;
  }

  /** Resolves when `done` returns true. Checks it after new lines. */
  async until(done: () => boolean, timeoutMs = 20_000): Promise<void> {
    let check: () => void = () => undefined;
    await new Promise<void>((res, reject) => {
      const fail = (why: string) => reject(new Error(`${why}\n${this.stderr}\n${this.tail()}`));
      const timer = setTimeout(() => fail("The local run did not print the expected lines in time."), timeoutMs);
      const finish = (how: () => void) => {
        clearTimeout(timer);
        how();
      };
      check = () => done() && finish(res);
      void this.exited.then((code) => finish(() => (done() ? res() : fail(`The local run ended with ${code}.`))));
      this.listeners.add(check);
      check();
    }).finally(() => this.listeners.delete(check));
  }

  /** Signals every process in the group, as a terminal does on Ctrl-C. */
  async interrupt(): Promise<number | null> {
    process.kill(-Number(this.child.pid), "SIGINT");
    return this.exited;
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }

  /** Checks predicates after a short delay, so that each check covers all lines of a burst. */
  private checkSoon(): void {
    this.pendingCheck ??= setTimeout(() => {
      this.pendingCheck = undefined;
      for (const listener of this.listeners) listener();
    }, CHECK_DELAY_MS);
  }

  private tail(): string {
    return this.lines
      .slice(-15)
      .map((line) => JSON.stringify(line))
      .join("\n");
  }
}

/** Parses a hop from the JSON output, where `kind` is the line's kind and `stage` is the hop's kind. */
function hopOf({ stage, ...line }: Line): Hop {
  return { ...line, kind: stage } as unknown as Hop;
}
