import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { Child } from "../child";
import { lambdaEnvironment } from "../environment";
import type { BaselineReady, StoredIds } from "./baseline-consumer";

/** A server that the benchmark has started. */
export interface Startup {
  /** Milliseconds from the process's start until it accepted requests. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** A running pipeline that the benchmark publishes to. */
export interface RunningPipeline extends Partial<Pick<Startup, "readyMs">>, Pick<Startup, "stop"> {
  readonly endpoint: string;
  readonly topicArn: string;
  readonly tableName: string;
  readonly pid: number;
  readonly stored: Stored;
}

/** Maximum time until all events are stored. */
export const STORE_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 10_000;

/** The number of stored events, and their times. */
interface Stored {
  /**
   * Time (`performance.now()`) at which this process learned that an event is stored, by event ID; undefined if it
   * knows only their number.
   */
  readonly times?: ReadonlyMap<string, number>;
  /** Resolves when at least `count` events are stored. */
  until(count: number): Promise<void>;
}

class StoredEvents implements Stored {
  readonly times = new Map<string, number>();
  private readonly emitter = new EventEmitter();

  add(eventId: string): void {
    if (!this.times.has(eventId)) this.times.set(eventId, performance.now());
    this.emitter.emit("stored");
  }

  /** @throws AbortError when this takes too long. */
  async until(count: number): Promise<void> {
    const signal = AbortSignal.timeout(STORE_TIMEOUT_MS);
    while (this.times.size < count) await once(this.emitter, "stored", { signal });
  }
}

/** Starts the baseline consumer. */
export async function startBaseline(): Promise<RunningPipeline> {
  const { child, ready } = await Child.start<object, StoredIds, BaselineReady>({
    file: "local-run/baseline-consumer.mjs",
    env: lambdaEnvironment(),
  });
  const stored = new StoredEvents();
  child.onMessage(({ storedIds }) => {
    for (const id of storedIds) stored.add(id);
  });
  return { ...ready, pid: child.pid, stored, stop: () => child.stop() };
}

interface Ready {
  readonly endpoint: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly page?: string | undefined;
}

/** The local run's file, with the option of Node.js that `npm start` has. */
const MAIN = ["--max-semi-space-size=4", "dist/local/main.mjs"];

/** Options with which the local run prints JSON, and starts without its demonstration. */
const OPTIONS = ["--json", "--no-demo", "--port", "0"];

type LocalRun = RunningPipeline & Startup & Pick<Ready, "page">;

/** Starts the local run. */
export function startLocalRun(...options: readonly string[]): Promise<LocalRun> {
  return start(process.execPath, [...MAIN, ...OPTIONS, ...options]);
}

/** Starts the local run, and writes its CPU profile to the folder when it stops. */
export function startProfiledRun(folder: string): Promise<LocalRun> {
  return start(process.execPath, ["--cpu-prof", `--cpu-prof-dir=${folder}`, ...MAIN, ...OPTIONS]);
}

/** Starts the local run as a user does, with `npm start`. */
export function startByNpm(): Promise<LocalRun> {
  return start("npm", ["start", "--", ...OPTIONS]);
}

/** Starts the local run, and reads the lines that `--json` prints. */
async function start(command: string, args: readonly string[]): Promise<LocalRun> {
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "close").finally(() => process.off("exit", kill));
  const stored = new StoredEvents();
  const ready = await new Promise<Ready>((resolve, reject) => {
    void ended.then(() => reject(new Error("The local run exited before it was ready.")));
    createInterface(child.stdout).on("line", (line) => {
      // Parsing every line would take CPU time from the measured process.
      if (line.includes('"stage":"stored"')) stored.add((JSON.parse(line) as { eventId: string }).eventId);
      else if (line.startsWith('{"kind":"ready"')) resolve(JSON.parse(line) as Ready);
    });
  });
  const readyMs = performance.now() - begun;
  const { endpoint, outputs, page } = ready;
  return {
    endpoint,
    topicArn: String(outputs.topic_arn),
    tableName: String(outputs.table_name),
    pid: child.pid ?? 0,
    stored,
    readyMs,
    page,
    async stop() {
      const timer = setTimeout(kill, STOP_TIMEOUT_MS);
      child.kill("SIGINT");
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Starts the local run, and reads the live page's event stream as a browser would. */
export async function startLocalRunWithOpenPage(): Promise<RunningPipeline> {
  const pipeline = await startLocalRun();
  const reading = get(`${pipeline.page}api/stream`);
  const [response] = (await once(reading, "response")) as [IncomingMessage];
  response.resume().on("error", () => undefined);
  return {
    ...pipeline,
    async stop() {
      reading.destroy();
      await pipeline.stop();
    },
  };
}
