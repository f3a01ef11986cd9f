import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { FakeBucket } from "@event-pipeline/testing/fake-bucket";
import { FakeQueues, throttled } from "@event-pipeline/testing/fake-queue";
import { FakeTable } from "@event-pipeline/testing/fake-table";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { type ReplayOptions, replay } from "../../archive/replay";
import { NO_CONTRACTS } from "../../deployed-contracts";
import { OperationError, UsageError } from "../../errors";
import { QueueSender } from "../../sqs/queue-sender";

const HOUR = "raw/year=2026/month=03/day=04/hour=05/";
const NOW = { Timestamp: new Date().toISOString() };

// A retry waits for a random part of its backoff. In these tests, it waits for a thousandth of this time.
const { random } = Math;
beforeEach(() => jest.spyOn(Math, "random").mockImplementation(() => random() / 1_000));
afterEach(() => jest.restoreAllMocks());

const failed = (name: string, httpStatusCode: number) =>
  Object.assign(new Error("no reason"), { name, $metadata: { httpStatusCode } });

/** A pipeline with an archive of several objects, and a resume file. */
class Resumable {
  readonly bucket = new FakeBucket();
  readonly queues = new FakeQueues();
  readonly table = new FakeTable();
  readonly bodies: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "resume-"));
  readonly file = join(this.folder, "plan");

  constructor(objects = 8, eventsEach = 40) {
    for (let object = 0; object < objects; object += 1) {
      const some = Array.from({ length: eventsEach }, (_, index) =>
        envelopeOf(`{"type":"t","id":"${object}-${index}"}`, NOW),
      );
      this.bodies.push(...some);
      this.bucket.objects.set(`${HOUR}${object}`, Buffer.from(some.join("\n")));
    }
  }

  async replay(options: Partial<ReplayOptions> = {}) {
    const { bucket, table, queues, file: resume } = this;
    const sender = await QueueSender.open(queues.queue("queue"));
    const route = {
      archive: bucket.archive,
      sender,
      filter: undefined,
      eventTtlDays: 90,
      contracts: NO_CONTRACTS,
      table: table.table,
    };
    return replay(route, { onUnreadable: () => undefined, resume, ...options });
  }

  get contents() {
    return JSON.parse(readFileSync(this.file, "utf8"));
  }

  expectAllSent(): void {
    expect(new Set(this.queues.bodies("queue"))).toEqual(new Set(this.bodies));
  }
}

const fault = fc.constantFrom(
  "cut" as const,
  failed("ExpiredToken", 400),
  failed("AccessDenied", 403),
  failed("InternalError", 500),
  failed("InvalidObjectState", 403),
  failed("NoSuchKey", 404),
  failed("PreconditionFailed", 412),
);

test("a replay finishes only when every event was sent, with any failures in its runs", async () => {
  const runs = fc.array(
    fc.record({
      objects: fc.dictionary(fc.constantFrom(..."01234567"), fault, { maxKeys: 8 }),
      failsAt: fc.record({ list: fc.nat(20), send: fc.nat(60), read: fc.nat(20), abort: fc.nat(60) }),
    }),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(runs, async (each) => {
      const run = new Resumable();
      let isFinished = false;
      for (const { objects, failsAt } of each) {
        const controller = new AbortController();
        const calls = { list: 0, send: 0, read: 0 };
        run.bucket.fault = (operation, key) => {
          if (operation === "GetObject") return objects[key.slice(HOUR.length)];
          return calls.list++ === failsAt.list ? failed("InternalError", 400) : undefined;
        };
        run.queues.fault = (operation) => {
          if (operation !== "SendMessageBatchCommand") return undefined;
          calls.send += 1;
          if (calls.send === failsAt.abort) controller.abort();
          return calls.send === failsAt.send ? { error: failed("AccessDenied", 403), after: false } : undefined;
        };
        const result = await run.replay({ signal: controller.signal });
        if (result.stoppedBy) expect(result.isFinished).toBe(false);
        expect(run.contents.finished).toBe(result.isFinished);
        isFinished = result.isFinished;
        if (isFinished) run.expectAllSent();
      }
      run.bucket.fault = () => undefined;
      run.queues.fault = () => undefined;
      expect(await run.replay()).toMatchObject({ isFinished: true, wasFinished: isFinished });
      run.expectAllSent();
    }),
    { numRuns: 25 },
  );
}, 60_000);

test("a resumed replay reads only what an earlier run left", async () => {
  const run = new Resumable(8, 10);
  run.bucket.fault = (_, key) => (key.endsWith("2") ? failed("InvalidObjectState", 403) : undefined);
  expect(await run.replay()).toMatchObject({ isFinished: false, counts: { sent: 70 } });
  expect(run.contents.left).toEqual([`${HOUR}2`]);
  run.bucket.fault = () => undefined;
  run.queues.drain("queue");
  expect(await run.replay()).toMatchObject({ isFinished: true, counts: { sent: 10 } });
  expect(run.queues.bodies("queue").sort()).toEqual(run.bodies.slice(20, 30).sort());
});

test("a replay does not finish while the queue rejects an event, or an object is gone", async () => {
  const run = new Resumable(3, 5);
  run.queues.maxBytes = 10;
  expect(await run.replay()).toMatchObject({ isFinished: false, counts: { failed: 15 } });
  run.queues.maxBytes = 1_048_576;
  const gone = run.bucket.objects.get(`${HOUR}1`) as Uint8Array;
  run.bucket.objects.delete(`${HOUR}1`);
  expect(await run.replay()).toMatchObject({ isFinished: false, counts: { sent: 10 } });
  run.bucket.objects.set(`${HOUR}1`, gone);
  expect(await run.replay()).toMatchObject({ isFinished: true, counts: { sent: 5 } });
  run.expectAllSent();
});

test("an error of the table ends the replay, with the counts of what was sent", async () => {
  const run = new Resumable(4, 100);
  run.table.fault = () => (run.table.requests > 2 ? failed("AccessDeniedException", 400) : undefined);
  const { counts, stoppedBy } = await run.replay({ onlyMissing: true });
  expect(stoppedBy).toMatchObject({ kind: "credentials" });
  expect(counts.sent).toBe(run.queues.bodies("queue").length);
  run.table.fault = () => undefined;
  expect(await run.replay({ onlyMissing: true })).toMatchObject({ isFinished: true });
  run.expectAllSent();
});

describe("the resume file", () => {
  test("cannot be used by two replays at a time, and is free after each ending", async () => {
    const run = new Resumable();
    const both = await Promise.allSettled([run.replay(), run.replay()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: expect.any(OperationError) });
    expect(readdirSync(run.folder)).toEqual(["plan"]);
    writeFileSync(run.file, "{}");
    await expect(run.replay()).rejects.toThrow(UsageError);
    expect(readdirSync(run.folder)).toEqual(["plan"]);
  });

  test.each([
    ["a process that ended", { pid: 2 ** 30, host: hostname() }, 0, true],
    ["a running process", { pid: process.ppid, host: hostname() }, 0, false],
    ["another machine", { pid: 1, host: "elsewhere" }, 0, false],
    ["another machine a long time ago", { pid: 1, host: "elsewhere" }, 120_000, true],
    ["a process whose ID was reused", { pid: process.ppid, host: hostname() }, 120_000, true],
  ])("with a lock of %s", async (_, holder, ageMs, isFree) => {
    const run = new Resumable(1, 1);
    const lock = `${run.file}.lock`;
    writeFileSync(lock, JSON.stringify(holder));
    const modified = new Date(Date.now() - ageMs);
    utimesSync(lock, modified, modified);
    if (isFree) expect(await run.replay()).toMatchObject({ isFinished: true });
    else await expect(run.replay()).rejects.toThrow(/process|uses/);
  });

  test("overwrites no other file", async () => {
    const run = new Resumable(2, 5);
    for (const name of ["plan.new", "plan.tmp"]) writeFileSync(join(run.folder, name), "mine");
    await run.replay();
    for (const name of ["plan.new", "plan.tmp"]) expect(readFileSync(join(run.folder, name), "utf8")).toBe("mine");
    writeFileSync(`${run.file}.lock`, "mine");
    await expect(run.replay()).rejects.toThrow(UsageError);
    expect(readFileSync(`${run.file}.lock`, "utf8")).toBe("mine");
  });

  test("ends the replay if it cannot be written, and keeps a position to resume from", async () => {
    const run = new Resumable(20, 100);
    run.queues.fault = throttledEvery(9);
    let states = 0;
    const onState = () => {
      states += 1;
      if (states === 2) rmSync(run.folder, { recursive: true });
    };
    const { stoppedBy, counts, isFinished } = await run.replay({ onState });
    expect([stoppedBy, isFinished]).toEqual([expect.any(OperationError), false]);
    expect(counts.sent).toBe(run.queues.bodies("queue").length);
    mkdirSync(run.folder);
    expect(await run.replay()).toMatchObject({ isFinished: true });
    run.expectAllSent();
  });

  test.each([
    ["until", { scope: { until: "soon" } }],
    ["startedAt", { startedAt: 7 }],
    ["progress", { left: [1] }],
    ["progress", { position: { key: "raw/", index: "last" } }],
    ["progress", { finished: "yes" }],
    ["sent", { counts: { sent: -5 } }],
    ["sent", { counts: {} }],
    ["stored", { counts: { sent: 1, stored: 0.5 } }],
  ])("with an invalid %s is a usage error that names it", async (name, change) => {
    const run = new Resumable(1, 1);
    await run.replay();
    const { scope, ...contents } = run.contents;
    const changed = { ...contents, ...change, scope: { ...scope, ...("scope" in change && change.scope) } };
    writeFileSync(run.file, JSON.stringify(changed));
    await expect(run.replay()).rejects.toMatchObject({ kind: "usage", message: expect.stringContaining(name) });
  });

  test.each([
    ["--only-missing", { onlyMissing: true }],
    ["--include-refused", { includeRefused: true }],
    ["--type", { type: "other" }],
    ["--since", { since: new Date(0) }],
    ["--until", { until: new Date(0) }],
  ])("with another %s is a usage error that names the option", async (option, options) => {
    const run = new Resumable(1, 1);
    await run.replay();
    const named = { kind: "usage", message: expect.stringContaining(option) };
    await expect(run.replay(options)).rejects.toMatchObject(named);
  });
});

function throttledEvery(count: number): FakeQueues["fault"] {
  let requests = 0;
  return () => (requests++ % count === count - 1 ? { error: throttled(), after: false } : undefined);
}
