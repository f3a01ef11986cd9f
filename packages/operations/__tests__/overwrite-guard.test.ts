import { gzipSync } from "node:zlib";
import { FakeBucket } from "@event-pipeline/testing/fake-bucket";
import { FakeQueues } from "@event-pipeline/testing/fake-queue";
import { FakeTable } from "@event-pipeline/testing/fake-table";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { type ReplayFailure, replay } from "../archive/replay";
import type { ReplayCounts } from "../archive/replay-counts";
import { NO_CONTRACTS } from "../deployed-contracts";
import { openQueueDestination } from "../dlq/queue-destination";
import { redrive } from "../dlq/redrive";
import { QueueSender } from "../sqs/queue-sender";
import { OverwriteGuard } from "../table/overwrite-guard";

const Timestamp = new Date().toISOString();

/** A pipeline whose handler stores the queue's messages when the test calls it. */
class Pipeline {
  readonly bucket = new FakeBucket();
  readonly queues = new FakeQueues();
  readonly table = new FakeTable();
  private readonly dataByKey = new Map<string, string>();

  /** Stores the queue's messages as the handler does, and expects that no item's data changes. */
  handle(bodies: readonly string[] = this.queues.drain("queue")): void {
    for (const body of bodies) {
      const { event_type, timestamp_id, data } = this.table.store(body);
      const key = JSON.stringify([event_type, timestamp_id]);
      // DynamoDB does not keep the order of a map's members.
      const text = JSON.stringify(data?.M ? Object.entries(data.M).sort() : data);
      expect(this.dataByKey.get(key) ?? text).toBe(text);
      this.dataByKey.set(key, text);
    }
  }

  archive(bodies: readonly string[]): void {
    this.bucket.objects.set("raw/year=2026/month=03/day=04/hour=05/000", gzipSync(bodies.join("\n")));
  }

  async replay(onlyMissing = false): Promise<{ counts: ReplayCounts; failures: ReplayFailure[] }> {
    const failures: ReplayFailure[] = [];
    const route = {
      archive: this.bucket.archive,
      sender: await QueueSender.open(this.queues.queue("queue")),
      filter: undefined,
      eventTtlDays: 90,
      contracts: NO_CONTRACTS,
      table: this.table.table,
    };
    const { counts } = await replay(route, {
      onlyMissing,
      onUnreadable: ({ reason }) => {
        throw new Error(reason);
      },
      onState: (state) => failures.push(...state.failures),
    });
    this.handle();
    return { counts, failures };
  }

  async redrive() {
    const destination = await openQueueDestination(this.queues.queue("queue"), new OverwriteGuard(this.table.table));
    const result = await redrive({ deadLetterQueue: this.queues.queue("dlq"), destination }, { filter: {} });
    this.handle();
    return result;
  }
}

/** Events with few different values, so that texts and MessageIds repeat. */
const event = fc.record(
  {
    type: fc.constantFrom("a", "b"),
    id: fc.constantFrom("x", "y", "#"),
    time: fc.constant("2026-01-02T03:04:05Z"),
    n: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: ["n"] },
);
const body = fc
  .record({ messageId: fc.integer({ min: 0, max: 3 }), event, space: fc.constantFrom(undefined, 2) })
  .map(({ messageId, event: any, space }) =>
    envelopeOf(JSON.stringify(any, undefined, space), { MessageId: `m-${messageId}`, Timestamp }),
  );
const bodies = fc.array(body, { maxLength: 12 });
const actions = fc.array(fc.constantFrom("replay", "replay --only-missing", "redrive"), { minLength: 1, maxLength: 4 });

test("replays and redrives never change an item's data, in any order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(body), bodies, bodies, actions, async (delivered, archived, dead, todo) => {
      const pipeline = new Pipeline();
      pipeline.handle(delivered ? [delivered] : []);
      pipeline.archive(archived);
      for (const each of dead) pipeline.queues.put("dlq", each);
      for (const action of todo) {
        if (action === "redrive") await pipeline.redrive();
        else await pipeline.replay(action === "replay --only-missing");
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

const one = (n: number) => envelopeOf(`{"type":"a","n":${n}}`, { MessageId: "m-1", Timestamp });
const own = (n: number) => envelopeOf(`{"type":"a","id":"own","n":${n}}`, { MessageId: "m-2", Timestamp });

test("a replay reports conflicting events, sends the others, and does not read items of events with their own IDs", async () => {
  const pipeline = new Pipeline();
  pipeline.handle([one(1)]);
  pipeline.archive([own(1), one(2), own(2)]);
  expect(await pipeline.replay()).toMatchObject({
    counts: { sent: 2, twoTexts: 1, failed: 0 },
    failures: [{ messageId: "m-1", position: { index: 1 } }],
  });
  expect(pipeline.table.requests).toBe(1);
  pipeline.archive([own(1), own(2)]);
  await pipeline.replay();
  expect(pipeline.table.requests).toBe(1);
});

test("sends an event whose data differs only in notation", async () => {
  const pipeline = new Pipeline();
  pipeline.handle([one(1)]);
  pipeline.archive([envelopeOf('{ "n": 1.0, "type": "a" }', { MessageId: "m-1", Timestamp })]);
  expect(await pipeline.replay()).toMatchObject({ counts: { sent: 1, twoTexts: 0 } });
});

test("a redrive leaves a conflicting message in its queue, reports its ID, and sends the others", async () => {
  const pipeline = new Pipeline();
  pipeline.handle([one(1)]);
  for (const each of [one(2), own(1), one(1)]) pipeline.queues.put("dlq", each);
  const { sent, failures } = await pipeline.redrive();
  expect([sent, [...failures]]).toEqual([2, [[expect.stringMatching(/^m-1: /), 1]]]);
  expect(pipeline.queues.bodies("dlq")).toEqual([one(2)].map(() => expect.stringContaining('\\"n\\":2')));
});

test("reads the items of 1,000 events with ten requests", async () => {
  const pipeline = new Pipeline();
  const many = Array.from({ length: 1_000 }, (_, n) => envelopeOf(`{"n":${n}}`, { MessageId: `n-${n}`, Timestamp }));
  pipeline.archive(many);
  expect(await pipeline.replay()).toMatchObject({ counts: { sent: 1_000, twoTexts: 0 } });
  expect(pipeline.table.requests).toBe(10);
});
