// Interrupts each long command at a random request. SIGNAL_SEEDS=20 tests more moments.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { redrivableMessage, sendAll } from "@event-pipeline/testing/dead-letters";
import { FaultyProxy } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import { counts } from "@event-pipeline/testing/queues";
import { CliProcess, type CommandResult, runCliOn } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { drained, storedIds, storedItems } from "@event-pipeline/testing/stored-events";
import { spawn } from "@lydell/node-pty";
import { wipe } from "../wipe";

const SEEDS = Number(process.env.SIGNAL_SEEDS ?? 2);
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const MESSAGES = 120;
/** Each request takes this long, so that a signal finds the command at work. */
const DELAY_MS = 10;
const ids = Array.from({ length: MESSAGES }, (_, index) => `event-${index}`);

let run: LocalRun;
let proxy: FaultyProxy;
let dlq: string;
let folder: string;
/** Called when the command sends a request, with the request's number from 1. */
let onRequest: (request: number) => void = () => undefined;

beforeAll(async () => {
  // A late duplicate would store an event again that a test has deleted.
  run = await LocalRun.start("--delivery", "ordered");
  dlq = run.output("dlq_url");
  let requests = 0;
  proxy = await FaultyProxy.open(async () => {
    requests += 1;
    onRequest(requests);
    await sleep(DELAY_MS);
    return undefined;
  }, run.ready.endpoint);
  resetRequests = () => {
    requests = 0;
  };
  for (let object = 0; object < 6; object += 1) {
    const lines = ids.slice(object * 20, object * 20 + 20).map((id) => {
      return `${envelopeOf(JSON.stringify({ type: "archived", id }), { Timestamp: new Date().toISOString() })}\n`;
    });
    const Key = `${archiveHourPrefix(new Date())}object-${object}.gz`;
    const Bucket = run.output("raw_bucket");
    await run.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: gzipSync(lines.join("")) }));
  }
});
let resetRequests: () => void = () => undefined;

afterAll(async () => {
  await proxy.close();
  expect(await run.stop()).toBe(0);
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "signals-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const address = () => ["--local", "--endpoint-url", proxy.endpoint];
const fileIn = (name: string) => join(folder, name);

/** Returns a number from 0 to `below`, which depends on the seed and the name only. */
function random(seed: number, name: string, below: number): number {
  return createHash("sha256").update(`${seed} ${name}`).digest().readUInt32BE() % below;
}

/**
 * Runs a command, and sends a signal some milliseconds after a random request.
 *
 * @param within - The number of requests of which one is chosen.
 */
async function interrupt(
  seed: number,
  args: readonly string[],
  { within, stdin = "", open }: { within: number; stdin?: string; open?: (command: CliProcess) => Promise<unknown> },
): Promise<CommandResult> {
  const name = args.join(" ");
  const signal = SIGNALS[random(seed, `${name} signal`, SIGNALS.length)] as NodeJS.Signals;
  const at = 1 + random(seed, `${name} request`, within);
  const afterMs = random(seed, `${name} ms`, 2 * DELAY_MS);
  resetRequests();
  const command = new CliProcess([...args, ...address()]);
  onRequest = (request) => {
    if (request === at) void sleep(afterMs).then(() => command.child.kill(signal));
  };
  command.child.stdin.end(stdin);
  await open?.(command);
  const ran = await command.done;
  onRequest = () => undefined;
  expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/^\s+at .*[:(]/m);
  return ran;
}

/** Expects that an interrupted command reports it. A command that ended before the signal has done its work. */
function expectInterrupted(ran: CommandResult, sentence = /Interrupted|Stopped/): boolean {
  if (ran.code === 0) return false;
  expect(ran).toMatchObject({ code: 130, stderr: expect.stringMatching(sentence) });
  return true;
}

async function fill(): Promise<void> {
  const { sqs } = run.clients;
  await drained(run, run.output("queue_url"));
  await wipe(run);
  await sqs.send(new PurgeQueueCommand({ QueueUrl: dlq }));
  await sendAll(
    sqs,
    dlq,
    ids.map((id) => redrivableMessage(id)),
  );
}

async function missing(): Promise<string[]> {
  await drained(run, run.output("queue_url"));
  const stored = await storedIds(run);
  return ids.filter((id) => !stored.has(id));
}

const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);

describe.each(seeds)("seed %i", (seed) => {
  test("publish - prints what it published, and the last line", async () => {
    await drained(run, run.output("queue_url"));
    await wipe(run);
    const lines = ids.map((id) => JSON.stringify({ type: "published", id, time: "2026-01-02T03:04:05Z" }));
    const ran = await interrupt(seed, ["publish", "-", "--rate", "400"], { within: 14, stdin: lines.join("\n") });
    await drained(run, run.output("queue_url"));
    const stored = [...(await storedItems(run)).values()].map(({ message_id }) => message_id?.S);
    const printed = ran.stdout.split("\n").filter(Boolean);
    expect(printed.filter((id) => !stored.includes(id))).toEqual([]);
    if (!expectInterrupted(ran)) return;
    // An event whose response was lost may be in the table too.
    expect(Number(/(\d+) published/.exec(ran.stderr)?.[1])).toBe(printed.length);
    const last = Number(/line (\d+)/.exec(ran.stderr)?.[1] ?? 0);
    const again = await runCliOn(run, ["publish", "-"], lines.slice(last).join("\n"));
    expect([again.code, await missing()]).toEqual([0, []]);
  });

  test.each([
    ["dlq", "list"],
    ["dlq", "export", "-"],
    ["dlq", "redrive", "--dry-run"],
  ])("%s %s %s changes nothing", async (...args) => {
    await fill();
    const ran = await interrupt(seed, args.filter(Boolean), { within: 20 });
    expectInterrupted(ran);
    expect(await counts(run.clients.sqs, dlq)).toEqual([MESSAGES, 0, 0]);
  });

  test("dlq export writes a whole file or none", async () => {
    await fill();
    const args = ["dlq", "export", fileIn("letters.ndjson")];
    const ran = await interrupt(seed, args, { within: 20 });
    const isInterrupted = expectInterrupted(ran);
    expect(await counts(run.clients.sqs, dlq)).toEqual([MESSAGES, 0, 0]);
    expect(readdirSync(folder)).toEqual(isInterrupted ? [] : ["letters.ndjson"]);
    if (!isInterrupted) return;
    expect((await runCliOn(run, args)).code).toBe(0);
    expect(readFileSync(fileIn("letters.ndjson"), "utf8").trimEnd().split("\n")).toHaveLength(MESSAGES);
  });

  test("dlq purge --exported deletes a part, and the next one the rest", async () => {
    await fill();
    const file = fileIn("letters.ndjson");
    expect((await runCliOn(run, ["dlq", "export", file])).code).toBe(0);
    const args = ["dlq", "purge", "--exported", file, "--yes"];
    const ran = await interrupt(seed, args, { within: 26 });
    if (expectInterrupted(ran)) {
      const [visible = 0, inFlight] = await counts(run.clients.sqs, dlq);
      const deleted = Number(/(\d+) (?:of \d+ )?(?:exported )?messages? deleted/.exec(ran.stderr)?.[1] ?? 0);
      expect([inFlight, MESSAGES - visible]).toEqual([0, deleted]);
      expect((await runCliOn(run, args)).code).toBe(0);
    }
    expect(await counts(run.clients.sqs, dlq)).toEqual([0, 0, 0]);
  });

  test("dlq redrive counts what it sent, and the next one sends the rest", async () => {
    await fill();
    const ran = await interrupt(seed, ["dlq", "redrive", "--yes", "--rate", "300"], { within: 30 });
    const [visible = 0, inFlight] = await counts(run.clients.sqs, dlq);
    const left = ran.code === 0 ? 0 : MESSAGES - visible;
    if (expectInterrupted(ran)) {
      const sent = Number(/(\d+) of \d+ messages? sent/.exec(ran.stderr)?.[1] ?? 0);
      expect([inFlight, left]).toEqual([0, sent]);
      expect((await runCliOn(run, ["dlq", "redrive", "--yes"])).code).toBe(0);
    }
    expect([await missing(), await counts(run.clients.sqs, dlq)]).toEqual([[], [0, 0, 0]]);
  });

  test("archive replay --resume continues where it was interrupted", async () => {
    await drained(run, run.output("queue_url"));
    await wipe(run);
    const args = ["archive", "replay", "--yes", "--rate", "300", "--resume", fileIn("replay.json")];
    const ran = await interrupt(seed, args, { within: 26 });
    if (expectInterrupted(ran)) {
      const { finished = false } = existsSync(fileIn("replay.json"))
        ? JSON.parse(readFileSync(fileIn("replay.json"), "utf8"))
        : {};
      expect(finished).toBe(false);
      expect((await runCliOn(run, args)).code).toBe(0);
    }
    expect([await missing(), readdirSync(folder)]).toEqual([[], ["replay.json"]]);
  });

  test.each([
    ["archive", "get"],
    ["reconcile", "--json"],
  ])("%s %s does not call a part the whole", async (...args) => {
    const ran = await interrupt(seed, args, { within: 12 });
    if (!expectInterrupted(ran)) expect(ran.code).not.toBe(0);
  });

  test.each([
    ["events", "tail", "--since", "1h"],
    ["status", "--watch", "1"],
  ])("%s %s ends", async (...args) => {
    const ran = await interrupt(seed, args, { within: 12 });
    expect(ran.code).toBe(130);
  });

  test("console ends, and its stream too", async () => {
    const open = async (command: CliProcess) => {
      await command.until(() => command.stdout.includes("\n"));
      await PageStream.open(command.stdout.trim()).catch(() => undefined);
    };
    expect((await interrupt(seed, ["console"], { within: 8, open })).code).toBe(130);
  });
});

test.each([
  [["dlq", "redrive"], "SIGTERM"],
  [["dlq", "purge"], "SIGTERM"],
  [["archive", "replay"], "SIGTERM"],
  [["dlq", "redrive"], "SIGHUP"],
] as const)("%j does nothing if %s arrives at its question", async (args, signal) => {
  await fill();
  const { PATH = "" } = process.env;
  const terminal = spawn(process.execPath, ["dist/cli/main.mjs", ...args, ...address()], {
    cols: 100,
    rows: 30,
    env: { PATH, TERM: "xterm-256color", NO_COLOR: "1" },
  });
  let text = "";
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  await new Promise<void>((resolve) =>
    terminal.onData((data) => {
      text += data;
      if (/(Redrive|confirm|queue)\b.*[:?]/.test(text)) resolve();
    }),
  );
  terminal.kill(signal);
  expect([await ended, text]).toEqual([130, expect.stringMatching(/Nothing was (sent|deleted)\./)]);
  expect(await counts(run.clients.sqs, dlq)).toEqual([MESSAGES, 0, 0]);
});
