import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual, types } from "node:util";
import { FaultyProxy, type Reaction, type SdkRequest } from "@event-pipeline/testing/faulty-proxy";
import type { LocalRun } from "@event-pipeline/testing/local-run";
import { iamActions } from "@event-pipeline/testing/recorded-call";
import { type CommandResult, runCli } from "@event-pipeline/testing/run-cli";
import { FAULTS, type Fault, type FaultName } from "./aws-fault";
import { EXIT_CODES, exitCodesAfter } from "./exit-codes";
import { VirtualTime } from "./virtual-time";

/** A command that the matrix runs, and what its work is. */
export interface Scenario {
  readonly args: readonly string[];
  readonly stdin?: string;
  /** Prepares the state that the command finds. */
  readonly prepare: () => Promise<unknown>;
  /** Returns what the command printed, without the parts that differ between two runs. @default - not compared */
  readonly answer?: (ran: CommandResult) => unknown;
  /** Returns what is not done, as another client sees it; nothing if the work is complete. */
  readonly undone?: (ran: CommandResult, folder: string) => Promise<readonly string[]>;
  /** Returns what is wrong even if the work is not whole, such as lost messages. */
  readonly wrong?: (ran: CommandResult, folder: string) => Promise<readonly string[]>;
  /** The counts that stderr must have when the command did a part of its work. */
  readonly counts?: RegExp;
  /** Other work of the same kind: holds some of the messages that the command needs. */
  readonly hold?: () => Promise<unknown>;
  /** True if the same command, run again without a fault, completes the work. */
  readonly resumes?: boolean;
  /** Ends a command that runs until Ctrl-C. */
  readonly isEnough?: (ran: Omit<CommandResult, "code">) => boolean;
}

/** A fault at a call. */
interface Cell {
  readonly fault: FaultName | "held";
  /** The operation with its service, such as `sqs:ReceiveMessage`. */
  readonly operation: string;
  /** The number of the operation's call that the fault hits first, from 1. */
  readonly call: number;
}

interface CellResult {
  readonly ran: CommandResult;
  readonly injector: FaultInjector;
  /** The longest time without output. */
  readonly silentMs: number;
  readonly isHung: boolean;
  readonly folder: string;
}

const MAX_SILENCE_MS = 60_000;
/** The time after which a command that does not end by itself is interrupted: on its own clock, and in fact. */
const MAX_VIRTUAL_MS = 1_200_000;
const MAX_REAL_MS = 30_000;
/** The visibility timeout of a command's receives, for a few messages. */
const LEASE_MS = 31_000;
const CHANGES = /:(Delete|Publish|Purge|Put|Send)/;

const {
  /** Set to run every cell. */
  FAULTS_ALL,
  /** A pattern of cells to run. */
  FAULTS_ONLY,
  /** A file to which the findings are appended. */
  FAULTS_REPORT,
  FAULTS_SEED = String(Math.trunc(Math.random() * 2 ** 31)),
  /** The number of cells of each scenario. */
  FAULTS_CELLS = "9",
} = process.env;

// jest has its own Error, so the SDK would not take an error of Node.js for one, and would wrap it.
const hasInstance = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, value: unknown) {
    return (this === Error && types.isNativeError(value)) || hasInstance.call(this as never, value);
  },
});

/** Decides whether a cell's fault hits a request, and counts the calls of each operation. */
class FaultInjector {
  readonly idsByOperation = new Map<string, string[]>();
  /** True if AWS changed something for the command, and the response arrived. */
  hasChanged = false;
  /** The ID of the first call that was hit. */
  private hit: string | undefined;
  private isOver = false;

  constructor(
    private readonly cell?: Cell,
    private readonly hold?: Scenario["hold"],
  ) {}

  get wasHit(): boolean {
    return this.hit !== undefined;
  }

  async react(request: SdkRequest): Promise<Reaction | undefined> {
    const operation = `${request.service}:${request.action}`;
    // The SDK's retries of a call have the call's ID.
    const id = String(request.request.headers["amz-sdk-invocation-id"]);
    const ids = this.idsByOperation.get(operation) ?? [];
    this.idsByOperation.set(operation, ids);
    if (!ids.includes(id)) ids.push(id);
    const reaction = await this.fault(request, operation, id, ids.indexOf(id) + 1);
    if (reaction === undefined && CHANGES.test(operation)) this.hasChanged = true;
    // A long poll would take a second of real time.
    const isPoll = reaction === undefined && operation === "sqs:ReceiveMessage";
    return isPoll ? Buffer.from(request.body.replace(/"WaitTimeSeconds":\d+/, '"WaitTimeSeconds":0')) : reaction;
  }

  private async fault(request: SdkRequest, operation: string, id: string, call: number): Promise<Reaction | undefined> {
    const { cell } = this;
    if (!cell) return undefined;
    const { extent, react }: Fault = cell.fault === "held" ? HELD : FAULTS[cell.fault];
    const isNamed = operation === cell.operation && call >= cell.call;
    const hits = {
      "one attempt": isNamed && !this.isOver,
      "one call": isNamed && (this.hit ?? id) === id,
      "all calls": isNamed,
      "all operations": isNamed || this.wasHit,
    };
    if (!hits[extent]) return undefined;
    this.hit ??= id;
    this.isOver = true;
    if (cell.fault === "held") await this.hold?.();
    return react(request);
  }
}

const HELD: Fault = { extent: "one attempt", row: /another consumer/, react: () => undefined };

/** Runs commands through a proxy that fails their calls to a local run. */
export class FaultMatrix {
  private injector = new FaultInjector();
  private readonly time: VirtualTime;
  private cells = 0;
  private total = 0;
  /** Milliseconds that the last command took, with the waits that were skipped. */
  private lastMs = 0;

  private constructor(private readonly proxy: FaultyProxy) {
    this.time = new VirtualTime(() => proxy.isIdle);
  }

  static async open({ ready }: LocalRun): Promise<FaultMatrix> {
    const matrix: FaultMatrix = new FaultMatrix(
      await FaultyProxy.open((request) => matrix.injector.react(request), ready.endpoint),
    );
    return matrix;
  }

  /**
   * True if the messages that the last command had received would be visible again. The local run does not know the time
   * that was skipped.
   */
  get haveLeasesEnded(): boolean {
    return this.lastMs > LEASE_MS;
  }

  async close(): Promise<void> {
    this.time.restore();
    await this.proxy.close();
    process.stderr.write(`${this.cells} of ${this.total} cells, FAULTS_SEED=${FAULTS_SEED}\n`);
  }

  /** Runs a scenario without a fault, then with each fault at each of its calls. Returns what is wrong, by cell. */
  async faultsIn(name: string, scenario: Scenario): Promise<string[]> {
    const whole = await this.runCell(scenario);
    const { folder, ran } = whole;
    const missing = [
      ...((await scenario.undone?.(ran, folder)) ?? []),
      ...((await scenario.wrong?.(ran, folder)) ?? []),
    ];
    rmSync(folder, { recursive: true });
    if (missing.length > 0) return [`${name} without a fault: ${missing.join("; ")} ${JSON.stringify(ran)}`];
    const all = cellsOf(whole.injector.idsByOperation, scenario);
    this.total += all.length;
    const found: string[] = [];
    for (const cell of sampleOf(name, all)) {
      const label = `${name}: ${cell.operation} call ${cell.call} ${cell.fault}`;
      if (FAULTS_ONLY !== undefined && !new RegExp(FAULTS_ONLY).test(label)) continue;
      this.cells += 1;
      const result = await this.runCell(scenario, cell);
      const wrong = await this.judge(scenario, cell, result, whole);
      rmSync(result.folder, { recursive: true });
      if (wrong.length === 0) continue;
      const { code, stdout, stderr } = result.ran;
      const output = `exit ${code}, stderr: ${stderr.slice(0, 1_500)}\n    stdout: ${stdout.slice(0, 300)}`;
      found.push(`${label}\n    ${wrong.join("\n    ")}\n    ${output}`);
      if (FAULTS_REPORT !== undefined) appendFileSync(FAULTS_REPORT, `${found.at(-1)}\n`);
    }
    return found;
  }

  private async runCell(scenario: Scenario, cell?: Cell): Promise<CellResult> {
    const { prepare, hold } = scenario;
    await prepare();
    const folder = mkdtempSync(join(tmpdir(), "faults-"));
    this.injector = new FaultInjector(cell, hold);
    const { injector } = this;
    const run = await this.runCommand(scenario, folder);
    // The service may still receive messages for a request of the command that has ended.
    while (!this.proxy.isIdle) await sleep(1);
    this.injector = new FaultInjector();
    return { ...run, injector, folder };
  }

  private async runCommand({ args, stdin = "", isEnough }: Scenario, folder: string) {
    const stop = new AbortController();
    const output = { stdout: "", stderr: "" };
    const began = this.time.now();
    let spokeAt = began;
    let silentMs = 0;
    let isHung = false;
    const speak = () => {
      silentMs = Math.max(silentMs, this.time.now() - spokeAt);
      spokeAt = this.time.now();
    };
    const timer = setInterval(() => {
      if (this.time.now() - began < MAX_VIRTUAL_MS && this.time.realNow() - startedAt < MAX_REAL_MS) return;
      isHung = true;
      stop.abort();
    }, 100);
    const startedAt = this.time.realNow();
    const all = [...args.map((arg) => arg.replace("FOLDER", folder)), "--name", "local"];
    const ran = await runCli([...all, "--local", "--endpoint-url", this.proxy.endpoint], {
      stdin,
      interrupted: stop.signal,
      onOutput: (text, stream) => {
        speak();
        output[stream] += text;
        if (isEnough?.(output)) stop.abort();
      },
    });
    clearInterval(timer);
    speak();
    this.lastMs = this.time.now() - began;
    return { ran, silentMs, isHung };
  }

  /** Returns what is wrong with a command's end. */
  private async judge(scenario: Scenario, cell: Cell, result: CellResult, whole: CellResult): Promise<string[]> {
    const { ran, injector, silentMs, isHung, folder } = result;
    const { code, stdout, stderr } = ran;
    const wrong = [...((await scenario.wrong?.(ran, folder)) ?? [])];
    const undone = [...((await scenario.undone?.(ran, folder)) ?? [])];
    if (scenario.answer) undone.push(...difference(scenario.answer(ran), scenario.answer(whole.ran)));
    if (!EXIT_CODES.includes(Number(code))) wrong.push(`exits with ${code}, which is not documented`);
    if (isHung) wrong.push("did not end");
    if (silentMs > MAX_SILENCE_MS) wrong.push(`silent for ${Math.round(silentMs / 1_000)} s`);
    if (/^\s+at .*[:(]/m.test(stderr) || /Deserialization error|\bundefined\b|\[object/.test(stdout + stderr)) {
      wrong.push("stack trace or an internal text");
    }
    const strange = readdirSync(folder).filter((file) => !scenario.args.includes(`FOLDER/${file}`));
    if (strange.length > 0) wrong.push(`left ${strange}`);
    if (undone.length === 0 || !injector.wasHit) {
      if (!injector.wasHit && code !== whole.ran.code) wrong.push(`exits with ${code} although nothing failed`);
      return wrong;
    }
    const hasBegun = stdout !== "" || injector.hasChanged;
    const { row }: Fault = cell.fault === "held" ? HELD : FAULTS[cell.fault];
    const allowed = exitCodesAfter(row, hasBegun);
    if (!allowed.includes(Number(code)) && !(scenario.isEnough && code === 130)) {
      wrong.push(`exits with ${code}, not ${allowed.join(" or ")}`);
    }
    if (!isNamedIn(cell, stdout + stderr)) wrong.push(`does not name ${cell.operation}`);
    if (hasBegun && scenario.counts && !scenario.counts.test(stderr)) wrong.push(`does not count ${scenario.counts}`);
    if (scenario.resumes && code !== 0) {
      const again = await this.runCommand(scenario, folder);
      const left = (await scenario.undone?.(again.ran, folder)) ?? [];
      if (again.ran.code !== 0 || left.length > 0) {
        wrong.push(`the next run exits with ${again.ran.code}: ${left.join("; ")} ${again.ran.stderr}`);
      }
    }
    return wrong.length > 0 ? [...undone, ...wrong] : [];
  }
}

/** Returns where an answer differs from the whole answer; nothing if it does not. */
function difference(answer: unknown, whole: unknown): string[] {
  if (isDeepStrictEqual(answer, whole)) return [];
  const [one = "", other = ""] = [answer, whole].map((value) => JSON.stringify(value));
  const at = [...one].findIndex((character, index) => character !== other[index]);
  return [`the answer is not whole: ${one.slice(Math.max(0, at - 60), at + 60)}`];
}

/** Returns whether a text names the reason: the operation or its permission, the credentials, or what was not received. */
function isNamedIn({ fault, operation }: Cell, text: string): boolean {
  // The SDK repeats a receive or a release whose response was cut, so the command can only count.
  const isRepeated = /^sqs:(ReceiveMessage|ChangeMessage)/.test(operation) && fault === "early close";
  if (fault === "held" || isRepeated) return /\b(in flight|held|not seen|visible again|another consumer)\b/i.test(text);
  if (fault === "expired" && /credentials have expired/.test(text)) return true;
  const names = [operation.split(":")[1], ...iamActions(operation)];
  return names.some((name) => new RegExp(`\\b${name}\\b`).test(text));
}

function cellsOf(idsByOperation: FaultInjector["idsByOperation"], { hold }: Scenario): Cell[] {
  return [...idsByOperation].flatMap(([operation, { length }]) => {
    const calls = length > 1 ? [1, length] : [1];
    const cells = (Object.keys(FAULTS) as FaultName[]).flatMap((fault) =>
      calls.map((call): Cell => ({ fault, operation, call })),
    );
    // Later, the command has seen its messages, so that others may receive them.
    const canHold = hold && operation !== "sqs:ChangeMessageVisibilityBatch";
    return canHold ? [...cells, { fault: "held", operation, call: 1 }] : cells;
  });
}

/** Returns the cells to run: all, or as many as FAULTS_CELLS says, by the seed. */
function sampleOf(name: string, cells: readonly Cell[]): readonly Cell[] {
  if (FAULTS_ALL !== undefined || FAULTS_ONLY !== undefined) return cells;
  const rank = (cell: Cell) =>
    createHash("sha256")
      .update(JSON.stringify([FAULTS_SEED, name, cell]))
      .digest("hex");
  const ranked = cells
    .map((cell) => ({ cell, rank: rank(cell) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1));
  return ranked.slice(0, Number(FAULTS_CELLS)).map(({ cell }) => cell);
}
