import { gzipSync } from "node:zlib";
import { FakeBucket } from "@event-pipeline/testing/fake-bucket";
import { FakeQueues, throttled } from "@event-pipeline/testing/fake-queue";
import { FakeTable } from "@event-pipeline/testing/fake-table";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { VirtualClock } from "@event-pipeline/testing/virtual-clock";
import fc from "fast-check";
import type { ArchiveProgress, Unreadable } from "../../archive/archived-records";
import { type ReplayOptions, type ReplayResult, type ReplayState, replay } from "../../archive/replay";
import { NO_CONTRACTS } from "../../deployed-contracts";
import { OperationError } from "../../errors";
import { QueueSender } from "../../sqs/queue-sender";

const HOUR = "raw/year=2026/month=03/day=04/hour=05/";
const NOW = { Timestamp: new Date().toISOString() };

// A retry waits for a random part of its backoff. In these tests, it waits for a hundredth of this time.
const { random } = Math;
beforeEach(() => jest.spyOn(Math, "random").mockImplementation(() => random() / 100));
afterEach(() => jest.restoreAllMocks());

/** Creates an archive of several objects with several events each. */
function archiveOf(objects: number, eventsEach: number) {
  const bucket = new FakeBucket();
  const bodies: string[] = [];
  for (let object = 0; object < objects; object += 1) {
    const some = Array.from({ length: eventsEach }, (_, index) =>
      envelopeOf(`{"type":"t","id":"${object}-${index}"}`, NOW),
    );
    bodies.push(...some);
    bucket.objects.set(`${HOUR}${String(object).padStart(3, "0")}`, gzipSync(some.join("\n")));
  }
  return { bucket, bodies };
}

interface ReplayTest extends Partial<ReplayOptions> {
  readonly table?: FakeTable;
}

/** Runs a replay. Returns its result, and every state that it reported. */
async function replayed(
  bucket: FakeBucket,
  queues: FakeQueues,
  { table = new FakeTable(), ...options }: ReplayTest = {},
): Promise<ReplayResult & { readonly states: readonly ReplayState[]; readonly unreadable: readonly Unreadable[] }> {
  const sender = await QueueSender.open(queues.queue("queue"));
  const route = {
    archive: bucket.archive,
    sender,
    filter: undefined,
    eventTtlDays: 90,
    contracts: NO_CONTRACTS,
    table: table.table,
  };
  const states: ReplayState[] = [];
  const unreadable: Unreadable[] = [];
  const result = await replay(route, {
    onUnreadable: (each) => unreadable.push(each),
    onState: (state) => states.push(state),
    ...options,
  });
  return { ...result, states, unreadable };
}

test("a replay sends every event if it is interrupted anywhere and resumed from any earlier state", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 150 }),
      fc.array(fc.record({ abortAfterMs: fc.nat(25), forget: fc.nat(3) }), { maxLength: 4 }),
      async (objects, eventsEach, cuts) => {
        const { bucket, bodies } = archiveOf(objects, eventsEach);
        const queues = new FakeQueues();
        let request = 0;
        queues.fault = () => (request++ % 11 === 10 ? { error: throttled(), after: false } : undefined);
        let after: ArchiveProgress | undefined;
        for (const { abortAfterMs, forget } of cuts) {
          const controller = new AbortController();
          setTimeout(() => controller.abort(), abortAfterMs);
          const { states } = await replayed(bucket, queues, { after, signal: controller.signal });
          // When the process is killed, the resume file may have an older state.
          after = states.at(-1 - forget)?.progress ?? after;
        }
        await replayed(bucket, queues, { after });
        expect(new Set(queues.bodies("queue"))).toEqual(new Set(bodies));
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

test("an uninterrupted replay sends each event once, in full requests", async () => {
  const { bucket, bodies } = archiveOf(5, 100);
  const queues = new FakeQueues();
  let requests = 0;
  queues.fault = (operation) => {
    if (operation === "SendMessageBatchCommand") requests += 1;
    return undefined;
  };
  const { states } = await replayed(bucket, queues);
  expect(states.at(-1)?.counts.sent).toBe(500);
  expect(queues.bodies("queue").sort()).toEqual(bodies.sort());
  expect(requests).toBe(50);
});

test("with onlyMissing, leaves out an event that an earlier handler stored under SNS's time", async () => {
  const [former, current, missing] = [1, 2, 3].map((id) =>
    envelopeOf(`{"type":"t","id":${id},"time":1767323045}`, NOW),
  );
  const bucket = new FakeBucket();
  bucket.objects.set(`${HOUR}1`, Buffer.from([former, current, missing].join("\n")));
  const table = new FakeTable();
  table.storeUnderSnsTime(String(former));
  table.store(String(current));
  const queues = new FakeQueues();
  const { counts } = await replayed(bucket, queues, { table, onlyMissing: true });
  expect([counts.stored, counts.sent, queues.bodies("queue")]).toEqual([2, 1, [missing]]);
});

test("reports an event that the queue rejects, and sends the others", async () => {
  const bucket = new FakeBucket();
  const large = envelopeOf(JSON.stringify({ type: "t", id: "large", text: "é".repeat(60_000) }), NOW);
  const small = [envelopeOf('{"type":"t","id":"a"}', NOW), envelopeOf('{"type":"t","id":"b","text":"\uffff"}', NOW)];
  bucket.objects.set(`${HOUR}1`, Buffer.from([small[0], large, small[1]].join("\n")));
  const queues = new FakeQueues();
  queues.maxBytes = 100_000;
  const { states } = await replayed(bucket, queues);
  expect(states.flatMap(({ failures }) => failures)).toEqual([
    {
      position: { key: `${HOUR}1`, index: 1 },
      messageId: JSON.parse(large).MessageId,
      reason: expect.stringContaining("100000"),
    },
  ]);
  expect(states.at(-1)?.counts).toMatchObject({ sent: 2, failed: 1 });
  // SQS rejects the character, but accepts its JSON escape.
  expect(queues.bodies("queue").map((body) => JSON.parse(body).Message)).toEqual(
    small.map((body) => JSON.parse(body).Message),
  );
  expect(queues.bodies("queue").join()).not.toContain("\uffff");
});

test("ends if the queue keeps throttling, and resumes before the first event that was not sent", async () => {
  const { bucket, bodies } = archiveOf(1, 300);
  const queues = new FakeQueues();
  let sends = 0;
  queues.fault = (operation) =>
    operation === "SendMessageBatchCommand" && sends++ >= 12 ? { error: throttled(), after: false } : undefined;
  const { states, ...result } = await replayed(bucket, queues);
  expect(result).toMatchObject({ isFinished: false, stoppedBy: expect.any(OperationError), counts: { sent: 120 } });
  queues.fault = () => undefined;
  await replayed(bucket, queues, { after: states.at(-1)?.progress });
  expect(new Set(queues.bodies("queue"))).toEqual(new Set(bodies));
}, 60_000);

test("counts events whose response was lost as perhaps sent, and denied events as not sent", async () => {
  const { bucket } = archiveOf(1, 30);
  for (const [error, after, unconfirmed] of [
    [Object.assign(new Error("reset"), { code: "ECONNRESET" }), true, 10],
    [Object.assign(new Error("no"), { name: "AccessDenied", $metadata: { httpStatusCode: 403 } }), false, 0],
  ] as const) {
    const queues = new FakeQueues();
    let sends = 0;
    queues.fault = (operation) =>
      operation === "SendMessageBatchCommand" && sends++ === 1 ? { error, after } : undefined;
    const { counts, isFinished } = await replayed(bucket, queues);
    expect([counts, isFinished]).toEqual([expect.objectContaining({ sent: 10, failed: 0, unconfirmed }), false]);
    expect(queues.bodies("queue")).toHaveLength(10 + unconfirmed);
  }
});

test("onlyMissing sends only events without an item, even if DynamoDB throttles or leaves keys unprocessed", async () => {
  const { bucket, bodies } = archiveOf(3, 120);
  const table = new FakeTable();
  table.leftOut = 30;
  table.throttledEvery = 4;
  for (const body of bodies.filter((_, index) => index % 3 !== 0)) table.store(body);
  const queues = new FakeQueues();
  const { states } = await replayed(bucket, queues, { table, onlyMissing: true });
  expect(states.at(-1)?.counts).toMatchObject({ sent: 120, stored: 240 });
  expect(queues.bodies("queue").sort()).toEqual(bodies.filter((_, index) => index % 3 === 0).sort());
});

test("does not send more events per second than `rate`", async () => {
  const bucket = new FakeBucket();
  const bodies = Array.from({ length: 60 }, (_, index) => envelopeOf(`{"type":"t","id":"${index}"}`, NOW));
  bucket.objects.set(`${HOUR}1`, Buffer.from(bodies.join("\n")));
  const clock = new VirtualClock();
  const { states } = await clock.run(replayed(bucket, new FakeQueues(clock), { rate: 50, clock }));
  expect(states.at(-1)?.counts.sent).toBe(60);
  // The first request starts immediately. Each of the other five starts 200 ms after the previous one.
  expect(clock.now()).toBeGreaterThanOrEqual(1_000);
  expect(clock.now()).toBeLessThan(1_200);
});

test("names the other types only if a whole replay finds no event of the selected type", async () => {
  const { bucket } = archiveOf(2, 3);
  bucket.objects.set(
    `${HOUR}zzz`,
    gzipSync(["no JSON", '{"type":"u"}'].map((text) => envelopeOf(text, NOW)).join("\n")),
  );
  const otherTypes = async (type: string | undefined, options: ReplayTest = {}) =>
    (await replayed(bucket, new FakeQueues(), { type, dryRun: true, ...options })).otherTypes;
  expect(await otherTypes("x")).toEqual(new Set(["t", "u"]));
  for (const type of ["t", "u", undefined]) expect(await otherTypes(type)).toBeUndefined();
  expect(await otherTypes("x", { until: new Date(0) })).toBeUndefined();
  expect(await otherTypes("x", { signal: AbortSignal.abort() })).toBeUndefined();
  const onlyMissing = new FakeTable();
  onlyMissing.store(envelopeOf('{"type":"u"}', NOW));
  expect(await otherTypes("u", { onlyMissing: true, table: onlyMissing })).toBeUndefined();
});
