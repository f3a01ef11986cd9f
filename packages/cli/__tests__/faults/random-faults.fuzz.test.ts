// Runs replay and reconcile through a proxy that fails requests at random. RANDOM_FAULTS_SEED=7 runs one seed.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { sendAll } from "@event-pipeline/testing/dead-letters";
import { FaultyProxy, type Reaction, type SdkRequest } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { type CommandResult, records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { drained, storedIds } from "@event-pipeline/testing/stored-events";
import { wipe } from "../wipe";
import { FAULTS, type Fault } from "./aws-fault";
import { VirtualTime } from "./virtual-time";

const { RANDOM_FAULTS_SEED } = process.env;
const SEEDS = RANDOM_FAULTS_SEED ? [Number(RANDOM_FAULTS_SEED)] : Array.from({ length: 30 }, (_, index) => index);
const OBJECTS = 6;
const EVENTS_EACH = 15;
const DEAD_LETTERS = 2;
/** The number of runs with faults. The run after them has none. */
const MAX_RUNS = 8;
/** The share of calls that fail. */
const SHARE = 0.12;
const ids = Array.from({ length: OBJECTS * EVENTS_EACH }, (_, index) => `event-${index}`);

let run: LocalRun;
/** The envelopes of the dead letters. */
let letters: readonly string[];
let proxy: FaultyProxy;
let time: VirtualTime;
let react: (request: SdkRequest) => Reaction | undefined | Promise<Reaction | undefined> = () => undefined;

beforeAll(async () => {
  run = await LocalRun.start();
  proxy = await FaultyProxy.open((request) => react(request), run.ready.endpoint);
  time = new VirtualTime(() => proxy.isIdle);
  const Timestamp = new Date().toISOString();
  const bodies = ids.map((id) => envelopeOf(JSON.stringify({ type: "archived", id }), { Timestamp }));
  for (let object = 0; object < OBJECTS; object += 1) {
    const Body = gzipSync(bodies.slice(object * EVENTS_EACH, (object + 1) * EVENTS_EACH).join("\n"));
    const Key = `${archiveHourPrefix(new Date())}object-${object}.gz`;
    await run.clients.s3.send(new PutObjectCommand({ Bucket: run.output("raw_bucket"), Key, Body }));
  }
  letters = bodies.slice(0, DEAD_LETTERS);
});

afterAll(async () => {
  time.restore();
  await proxy.close();
  expect(await run.stop()).toBe(0);
});

/** Returns a function that returns numbers from 0 to 1, which depend only on the seed. */
function randomOf(seed: string): () => number {
  let count = 0;
  return () => {
    count += 1;
    return createHash("sha256").update(`${seed} ${count}`).digest().readUInt32BE() / 2 ** 32;
  };
}

/**
 * Runs a command, and fails each of its requests with a probability.
 *
 * @param share - The share of calls that fail. The SDK retries a failed call.
 */
async function runWithFaults(args: readonly string[], random: () => number, share: number): Promise<CommandResult> {
  const faults = Object.values(FAULTS) as Fault[];
  const faultByCall = new Map<string, Fault | "slow" | undefined>();
  let lasting: Fault | undefined;
  react = async (request) => {
    if (lasting) return lasting.react(request);
    const call = String(request.request.headers["amz-sdk-invocation-id"]);
    if (!faultByCall.has(call)) {
      const pick = Math.floor(random() * (faults.length + 1));
      faultByCall.set(call, random() < share ? (faults[pick] ?? "slow") : undefined);
    }
    const fault = faultByCall.get(call);
    if (fault === undefined) return undefined;
    if (fault === "slow") {
      await sleep(random() * 20);
      return undefined;
    }
    if (fault.extent === "one attempt") faultByCall.set(call, undefined);
    if (fault.extent === "all operations") lasting = fault;
    return fault.react(request);
  };
  const ran = await runCli([...args, "--local", "--endpoint-url", proxy.endpoint]);
  while (!proxy.isIdle) await sleep(1);
  react = () => undefined;
  expect(ran.stderr).not.toMatch(/^\s+at .*[:(]/m);
  return ran;
}

test.each(SEEDS)(
  "a replay that exits with 0 has sent every event, with seed %i",
  async (seed) => {
    const random = randomOf(`replay ${seed}`);
    await drained(run, run.output("queue_url"));
    await wipe(run);
    const file = join(mkdtempSync(join(tmpdir(), "random-")), "resume.json");
    const args = ["archive", "replay", "--yes", "--resume", file, ...(random() < 0.5 ? ["--only-missing"] : [])];
    for (let left = MAX_RUNS; ; left -= 1) {
      const ran = await runWithFaults(args, random, left === 0 ? 0 : SHARE);
      const finished = finishedIn(file);
      expect([ran.code === 0, ran]).toEqual([finished, ran]);
      expect([0, 1, 3, 4]).toContain(ran.code);
      if (ran.code !== 0) continue;
      await drained(run, run.output("queue_url"));
      expect([...(await storedIds(run))].sort()).toEqual([...ids].sort());
      return;
    }
  },
  60_000,
);

async function putDeadLetters(): Promise<void> {
  const { sqs } = run.clients;
  const QueueUrl = run.output("dlq_url");
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await sendAll(
    sqs,
    QueueUrl,
    letters.map((MessageBody) => ({ MessageBody })),
  );
}

function finishedIn(file: string): boolean {
  try {
    return JSON.parse(readFileSync(file, "utf8")).finished;
  } catch {
    return false; // The replay failed before it created the file.
  }
}

// A seed of reconcile takes three times as long.
test.each(SEEDS.slice(0, 12))(
  "reconcile explains every event, or does not exit with 0, with seed %i",
  async (seed) => {
    const random = randomOf(`reconcile ${seed}`);
    await drained(run, run.output("queue_url"));
    expect((await runCliOn(run, ["archive", "replay", "--only-missing", "--yes", "--name", "local"])).code).toBe(0);
    await drained(run, run.output("queue_url"));
    const deadIds = letters.map((body) => String(JSON.parse(JSON.parse(body).Message).id));
    const missingIds = new Set(random() < 0.5 ? [] : ids.filter(() => random() < 0.2));
    for (const id of deadIds) missingIds.delete(id);
    await wipe(run, (_, id) => missingIds.has(id) || deadIds.includes(id));
    const truth = {
      archived: ids.length,
      stored: ids.length - missingIds.size - deadIds.length,
      dead_lettered: deadIds.length,
      missing: missingIds.size,
      unexplained: 0,
    };
    for (let left = MAX_RUNS; ; left -= 1) {
      // A run may leave dead letters invisible for half a minute.
      await putDeadLetters();
      const ran = await runWithFaults(["reconcile", "--json"], random, left === 0 ? 0 : SHARE);
      const total = records(ran).find(({ kind }) => kind === "total");
      expect(total?.missing ?? 0).toBeLessThanOrEqual(truth.missing);
      // A failure before the first result exits with 1 too.
      const isAnswer = ran.code === 0 || (ran.code === 1 && total !== undefined);
      if (!isAnswer) {
        expect([1, 3, 4]).toContain(ran.code);
        continue;
      }
      expect([ran.code, total?.missing > 0]).toEqual([missingIds.size > 0 ? 1 : 0, missingIds.size > 0]);
      if (ran.code === 1 && total.archived < ids.length) continue; // Objects were not read, but some events are missing.
      expect(total).toMatchObject(truth);
      return;
    }
  },
  60_000,
);
