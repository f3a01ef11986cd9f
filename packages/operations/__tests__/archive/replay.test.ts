import { gzipSync } from "node:zlib";
import { FakeBucket } from "@event-pipeline/testing/fake-bucket";
import { FakeQueues, throttled } from "@event-pipeline/testing/fake-queue";
import { FakeTable } from "@event-pipeline/testing/fake-table";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import type { Place } from "../../archive/archived-records";
import { type ReplayProps, type ReplayState, replay } from "../../archive/replay";
import { QueueSender } from "../../sqs/queue-sender";
import { OverwriteGuard } from "../../table/overwrite-guard";
import { StoredItems } from "../../table/stored-items";

const HOUR = "raw/year=2026/month=03/day=04/hour=05/";
const NOW = { Timestamp: new Date().toISOString() };

/** An archive of so many objects of so many events. */
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

async function propsFor(bucket: FakeBucket, queues: FakeQueues, more: Partial<ReplayProps> = {}): Promise<ReplayProps> {
  const sender = await QueueSender.to(queues.sqs, "queue");
  const onUnreadable = () => undefined;
  const twoTexts = new OverwriteGuard(new FakeTable().dynamodb, "events");
  const given = { archive: bucket.archive, span: {}, sender, filter: undefined, twoTexts, onUnreadable };
  return { ...given, eventTtlDays: 90, ...more };
}

async function statesOf(props: ReplayProps): Promise<ReplayState[]> {
  const states: ReplayState[] = [];
  for await (const state of replay(props)) states.push(state);
  return states;
}

test("wherever it is cut off, by a kill or by Ctrl-C, going on from any place that it said sends every event", async () => {
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
        let after: Place | undefined;
        for (const { abortAfterMs, forget } of cuts) {
          const controller = new AbortController();
          setTimeout(() => controller.abort(), abortAfterMs);
          const states = await statesOf(await propsFor(bucket, queues, { after, signal: controller.signal }));
          // After a kill the file may be some states old.
          after = states.at(-1 - forget)?.place ?? after;
        }
        await statesOf(await propsFor(bucket, queues, { after }));
        expect(new Set(queues.bodies("queue"))).toEqual(new Set(bodies));
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

test("without a cut each is sent once, in requests as full as may be", async () => {
  const { bucket, bodies } = archiveOf(5, 100);
  const queues = new FakeQueues();
  let requests = 0;
  queues.fault = (operation) => {
    if (operation === "SendMessageBatchCommand") requests += 1;
    return undefined;
  };
  const states = await statesOf(await propsFor(bucket, queues));
  expect(states.at(-1)?.counts.sent).toBe(500);
  expect(queues.bodies("queue").sort()).toEqual(bodies.sort());
  expect(requests).toBe(50);
});

test("an event that the queue never takes is named, and the others are sent", async () => {
  const bucket = new FakeBucket();
  const large = envelopeOf(JSON.stringify({ type: "t", id: "large", text: "é".repeat(60_000) }), NOW);
  const small = [envelopeOf('{"type":"t","id":"a"}', NOW), envelopeOf('{"type":"t","id":"b","text":"\uffff"}', NOW)];
  bucket.objects.set(`${HOUR}1`, Buffer.from([small[0], large, small[1]].join("\n")));
  const queues = new FakeQueues();
  queues.maxBytes = 100_000;
  const states = await statesOf(await propsFor(bucket, queues));
  expect(states.flatMap(({ failures }) => failures)).toEqual([
    {
      place: { key: `${HOUR}1`, index: 1 },
      messageId: JSON.parse(large).MessageId,
      reason: expect.stringContaining("takes 100000"),
    },
  ]);
  expect(states.at(-1)?.counts).toMatchObject({ sent: 2, failed: 1 });
  // A character that SQS refuses goes as its escape.
  expect(queues.bodies("queue").map((body) => JSON.parse(body).Message)).toEqual(
    small.map((body) => JSON.parse(body).Message),
  );
  expect(queues.bodies("queue").join()).not.toContain("\uffff");
});

test("a queue that takes no more ends it in a sentence, and the place stands before what was not sent", async () => {
  const { bucket, bodies } = archiveOf(1, 300);
  const queues = new FakeQueues();
  let sends = 0;
  queues.fault = (operation) =>
    operation === "SendMessageBatchCommand" && sends++ >= 12 ? { error: throttled(), after: false } : undefined;
  const states: ReplayState[] = [];
  const running = (async () => {
    for await (const state of replay(await propsFor(bucket, queues))) states.push(state);
  })();
  await expect(running).rejects.toThrow("The queue takes no more at present");
  queues.fault = () => undefined;
  await statesOf(await propsFor(bucket, queues, { after: states.at(-1)?.place }));
  expect(new Set(queues.bodies("queue"))).toEqual(new Set(bodies));
}, 60_000);

test("only what the table lacks is sent, though DynamoDB throttles and leaves out keys", async () => {
  const { bucket, bodies } = archiveOf(3, 120);
  const table = new FakeTable();
  table.leftOut = 30;
  table.throttledEvery = 4;
  for (const body of bodies.filter((_, index) => index % 3 !== 0)) table.store(body);
  const queues = new FakeQueues();
  const unlessStored = new StoredItems(table.dynamodb, "events", []);
  const states = await statesOf(await propsFor(bucket, queues, { unlessStored }));
  expect(states.at(-1)?.counts).toMatchObject({ sent: 120, stored: 240 });
  expect(queues.bodies("queue").sort()).toEqual(bodies.filter((_, index) => index % 3 === 0).sort());
});

test("a rate is kept", async () => {
  const { bucket } = archiveOf(1, 60);
  const start = performance.now();
  const states = await statesOf(await propsFor(bucket, new FakeQueues(), { rate: 50 }));
  expect(states.at(-1)?.counts.sent).toBe(60);
  expect(performance.now() - start).toBeGreaterThan(950);
});
