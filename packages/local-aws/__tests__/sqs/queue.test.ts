// Tests the queues without a server, by a stepped clock.
import fc from "fast-check";
import { SteppedClock } from "../../clock";
import type { Host } from "../../host";
import { Heap } from "../../sqs/heap";
import type { ReceivedMessage } from "../../sqs/message";
import type { Queue } from "../../sqs/queue";
import type { Sqs } from "../../sqs/sqs";
import { createSqs } from "./start-sqs";

const SENDER = { senderId: "AIDALOCAL" };

let clock: SteppedClock;
let sqs: Sqs;

function start(delivery: Host["delivery"] = { shuffled: false, seed: 0 }): void {
  sqs?.stop();
  clock = new SteppedClock();
  sqs = createSqs({ clock, delivery });
}
beforeEach(() => start());
afterAll(() => sqs.stop());

const policy = (queue: Queue, maxReceiveCount: number) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queue.arn, maxReceiveCount }),
});
const bodies = (messages: readonly { readonly body: string }[]) => messages.map(({ body }) => body);
const range = (length: number) => Array.from({ length }, (_, index) => index);

describe("a queue in any sequence of calls", () => {
  const MAX_RECEIVES = 3;
  const TIMEOUT_S = 30;
  const call = fc.oneof(
    { weight: 4, arbitrary: fc.record({ send: fc.nat(900), group: fc.nat(3) }) },
    {
      weight: 4,
      arbitrary: fc.record({ receive: fc.integer({ min: 1, max: 10 }), timeout: fc.constantFrom(0, 5, 30, 60) }),
    },
    { weight: 3, arbitrary: fc.record({ delete: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ change: fc.nat(), timeout: fc.constantFrom(0, 10, 120) }) },
    { weight: 3, arbitrary: fc.record({ advance: fc.constantFrom(1, 5, 29, 30, 31, 60, 600) }) },
  );

  /** A message as the model knows it. */
  interface Expected {
    where: "source" | "dead letters" | "deleted";
    receives: number;
    visibleAt: number;
    handle?: string;
  }

  test("loses no message, counts correctly, and dead-letters each message that was received too often", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 80 }), async (calls) => {
        start();
        const deadLetters = sqs.createQueue("dead-letters");
        const source = sqs.createQueue("source", {
          ...policy(deadLetters, MAX_RECEIVES),
          VisibilityTimeout: String(TIMEOUT_S),
        });
        const model = new Map<string, Expected>();
        const received: ReceivedMessage[] = [];
        const find = (index: number) => received[index % received.length];
        for (const step of calls) {
          if ("send" in step) {
            // Two thirds of the messages have no delay.
            const delaySeconds = Math.max(0, step.send - 600);
            const groupId = step.group === 0 ? undefined : `group ${step.group}`.replace(" ", "-");
            const { messageId } = source.send({ body: "m", delaySeconds, groupId, ...SENDER });
            model.set(messageId, { where: "source", receives: 0, visibleAt: clock.now() + delaySeconds * 1_000 });
          } else if ("receive" in step) {
            const isVisible = ({ where, visibleAt }: Expected) => where === "source" && visibleAt <= clock.now();
            const visible = [...model.values()].filter(isVisible);
            const exhausted = visible.filter(({ receives }) => receives === MAX_RECEIVES);
            const found = await source.receive({ max: step.receive, visibilityTimeoutMs: step.timeout * 1_000 });
            expect(found).toHaveLength(Math.min(step.receive, visible.length - exhausted.length));
            for (const message of found) {
              const expected = model.get(message.messageId) as Expected;
              expect(visible).toContain(expected);
              expected.receives++;
              expect(message.receiveCount).toBe(expected.receives);
              Object.assign(expected, { visibleAt: clock.now() + step.timeout * 1_000, handle: message.receiptHandle });
              received.push(message);
            }
            // Those that come before a received message move; the others move later.
            for (const message of await deadLetters.receive({ max: 1_000, visibilityTimeoutMs: 0 })) {
              const expected = model.get(message.messageId) as Expected;
              if (expected.where === "source") expect(exhausted).toContain(expected);
              expected.where = "dead letters";
              expect(message.deadLetterSourceArn).toBe(source.arn);
              expect(message.receiveCount).toBeGreaterThan(MAX_RECEIVES);
            }
          } else if ("delete" in step) {
            const message = find(step.delete);
            if (!message) continue;
            const expected = model.get(message.messageId) as Expected;
            const isLast = expected.where === "source" && expected.handle === message.receiptHandle;
            expect(source.delete(message.receiptHandle)).toBe(isLast);
            if (isLast) expected.where = "deleted";
          } else if ("change" in step) {
            const message = find(step.change);
            if (!message) continue;
            const expected = model.get(message.messageId) as Expected;
            const isLast = expected.where === "source" && expected.handle === message.receiptHandle;
            const isInFlight = isLast && expected.visibleAt > clock.now();
            expect(source.changeVisibility(message.receiptHandle, step.timeout * 1_000)).toBe(isInFlight);
            if (isInFlight) expected.visibleAt = clock.now() + step.timeout * 1_000;
          } else await clock.advance(step.advance * 1_000);

          const inSource = [...model.values()].filter(({ where }) => where === "source");
          const hidden = inSource.filter(({ visibleAt }) => visibleAt > clock.now());
          const inFlight = hidden.filter(({ receives }) => receives > 0).length;
          expect(source.counts()).toEqual({
            visible: inSource.length - hidden.length,
            inFlight,
            delayed: hidden.length - inFlight,
          });
          const dead = [...model.values()].filter(({ where }) => where === "dead letters").length;
          expect(deadLetters.counts()).toEqual({ visible: dead, inFlight: 0, delayed: 0 });
        }
        // With enough time and receives, each message that was not deleted reaches the dead-letter queue.
        const isLeft = () => Object.values(source.counts()).some((count) => count > 0);
        for (let rounds = 0; isLeft() && rounds <= MAX_RECEIVES; rounds++) {
          await clock.advance(901_000);
          await source.receive({ max: 1_000 });
        }
        const undeleted = [...model].filter(([, { where }]) => where !== "deleted").map(([id]) => id);
        const dead = await deadLetters.receive({ max: 1_000 });
        expect(dead.map(({ messageId }) => messageId).sort()).toEqual(undeleted.sort());
      }),
      { numRuns: 150 },
    );
  });
});

test("delays messages by the queue's attribute, unless they have a delay of their own", async () => {
  const queue = sqs.createQueue("q", { DelaySeconds: "10" });
  queue.send({ body: "by the queue", ...SENDER });
  queue.send({ body: "at once", delaySeconds: 0, ...SENDER });
  expect(bodies(await queue.receive({ max: 10 }))).toEqual(["at once"]);
  await clock.advance(10_000);
  expect(bodies(await queue.receive({ max: 10 }))).toEqual(["by the queue"]);
});

describe("long polling", () => {
  test("gets a message as soon as it is there, and all messages of the same turn together", async () => {
    const queue = sqs.createQueue("q");
    const received = queue.receive({ max: 10, waitMs: 20_000 });
    for (const index of range(3)) queue.send({ body: String(index), ...SENDER });
    expect(bodies(await received)).toEqual(["0", "1", "2"]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 3, delayed: 0 });
  });

  test("ends after its time, by the host's clock", async () => {
    const received = sqs.createQueue("q").receive({ max: 1, waitMs: 20_000 });
    let isOver = false;
    void received.then(() => {
      isOver = true;
    });
    await clock.advance(19_999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await received).toEqual([]);
  });

  test("gets a message when its delay or its visibility timeout ends", async () => {
    const queue = sqs.createQueue("q");
    queue.send({ body: "late", delaySeconds: 5, ...SENDER });
    for (const seconds of [5, 30]) {
      const received = queue.receive({ max: 1, waitMs: 60_000 });
      await clock.advance(seconds * 1_000);
      expect(bodies(await received)).toEqual(["late"]);
    }
  });

  test("gets the message whose delay ends first", async () => {
    const queue = sqs.createQueue("q");
    for (const delaySeconds of [600, 5]) queue.send({ body: String(delaySeconds), delaySeconds, ...SENDER });
    const received = queue.receive({ max: 1, waitMs: 20_000 });
    await clock.advance(5_000);
    expect(bodies(await received)).toEqual(["5"]);
  });

  test("hands no message to a consumer that left", async () => {
    const queue = sqs.createQueue("q");
    const consumer = new AbortController();
    const received = queue.receive({ max: 1, waitMs: 20_000, signal: consumer.signal });
    queue.send({ body: "m", ...SENDER });
    consumer.abort();
    expect(await received).toEqual([]);
    expect(await queue.receive({ max: 1, signal: consumer.signal })).toEqual([]);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  test("ends when the queue is deleted", async () => {
    const queue = sqs.createQueue("q");
    const received = queue.receive({ max: 1, waitMs: 20_000 });
    sqs.deleteQueue(queue);
    expect(await received).toEqual([]);
  });

  test("gives each message to one of many consumers", async () => {
    const queue = sqs.createQueue("q");
    const received = range(50).map(() => queue.receive({ max: 1, waitMs: 20_000 }));
    for (const index of range(50)) queue.send({ body: String(index), ...SENDER });
    const all = (await Promise.all(received)).flatMap(bodies);
    expect(new Set(all).size).toBe(50);
  });
});

describe("dead-letter queues", () => {
  test("a queue that is its own dead-letter queue does not spin, and receives each message again", async () => {
    const queue = sqs.createQueue("own");
    sqs.setAttributes(queue, { ...policy(queue, 1), VisibilityTimeout: "0" });
    queue.send({ body: "m", ...SENDER });
    for (const receiveCount of [1, 2, 3]) {
      expect(await queue.receive({ max: 10 })).toMatchObject([{ body: "m", receiveCount }]);
    }
    expect(queue.counts().visible).toBe(1);
  });

  test("two queues that are each other's pass a message on once for each maximum of receives", async () => {
    const [a, b] = [sqs.createQueue("a"), sqs.createQueue("b")];
    sqs.setAttributes(a, { ...policy(b, 2), VisibilityTimeout: "0" });
    sqs.setAttributes(b, { ...policy(a, 1), VisibilityTimeout: "0" });
    a.send({ body: "m", ...SENDER });
    const receiveCounts: number[][] = [];
    for (let turn = 0; turn < 6; turn++) {
      const counts = await Promise.all([a, b].map((queue) => queue.receive({ max: 10 })));
      receiveCounts.push(counts.map((messages) => messages[0]?.receiveCount ?? 0));
    }
    expect(Math.max(...receiveCounts.flat())).toBe(receiveCounts.flat().filter((count) => count > 0).length);
    expect(a.counts().visible + b.counts().visible).toBe(1);
  });

  test("keeps the message ID, the attributes, the time and the receive count", async () => {
    const deadLetters = sqs.createQueue("dead-letters");
    const source = sqs.createQueue("source", policy(deadLetters, 2));
    const attributes = { bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) } };
    const { messageId } = source.send({ body: "m", attributes, groupId: "g", traceHeader: "Root=1", ...SENDER });
    const [first] = await source.receive({ max: 1 });
    for (let receives = 0; receives < 2; receives++) {
      await clock.advance(30_000);
      await source.receive({ max: 1 });
    }
    const [dead] = await deadLetters.receive({ max: 1 });
    const { receiptHandle: _, ...kept } = first as ReceivedMessage;
    expect(dead).toMatchObject({ ...kept, messageId, receiveCount: 3, deadLetterSourceArn: source.arn });
    expect(Buffer.from(dead?.attributes.bytes?.BinaryValue ?? []).toString("hex")).toBe("00ff");
  });

  test("messages stay in the source queue while the dead-letter queue is deleted", async () => {
    const deadLetters = sqs.createQueue("dead-letters");
    const source = sqs.createQueue("source", { ...policy(deadLetters, 1), VisibilityTimeout: "0" });
    sqs.deleteQueue(deadLetters);
    source.send({ body: "m", ...SENDER });
    for (const receiveCount of [1, 2]) expect(await source.receive({ max: 1 })).toMatchObject([{ receiveCount }]);
    const again = sqs.createQueue("dead-letters");
    expect(await source.receive({ max: 1 })).toEqual([]);
    expect(again.counts().visible).toBe(1);
  });
});

describe("retention", () => {
  const DAY_MS = 86_400_000;

  test("ends each message after 14 days, visible, in flight or delayed", async () => {
    const queue = sqs.createQueue("q", { MessageRetentionPeriod: "1209600", VisibilityTimeout: "43200" });
    for (const index of range(3)) queue.send({ body: String(index), ...SENDER });
    await clock.advance(14 * DAY_MS - 1_000);
    await queue.receive({ max: 1 });
    queue.send({ body: "young", ...SENDER });
    expect(queue.counts()).toEqual({ visible: 3, inFlight: 1, delayed: 0 });
    await clock.advance(1_000);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(bodies(await queue.receive({ max: 10 }))).toEqual(["young"]);
  });

  test("a shorter retention ends messages at once", async () => {
    const queue = sqs.createQueue("q");
    queue.send({ body: "old", ...SENDER });
    await clock.advance(120_000);
    queue.send({ body: "young", ...SENDER });
    sqs.setAttributes(queue, { MessageRetentionPeriod: "60" });
    expect(queue.counts().visible).toBe(1);
    expect(bodies(await queue.receive({ max: 10 }))).toEqual(["young"]);
  });

  test("counts from the first send, in the dead-letter queue too", async () => {
    const deadLetters = sqs.createQueue("dead-letters", { MessageRetentionPeriod: "600" });
    const source = sqs.createQueue("source", { ...policy(deadLetters, 1), VisibilityTimeout: "0" });
    source.send({ body: "m", ...SENDER });
    await clock.advance(500_000);
    deadLetters.send({ body: "sent before, expires later", ...SENDER });
    for (let receives = 0; receives < 2; receives++) await source.receive({ max: 1 });
    expect(deadLetters.counts().visible).toBe(2);
    await clock.advance(100_000);
    expect(bodies(await deadLetters.receive({ max: 10 }))).toEqual(["sent before, expires later"]);
  });
});

test("a dead-letter queue keeps messages longer than their source queue", async () => {
  const deadLetters = sqs.createQueue("dead-letters", { MessageRetentionPeriod: "1209600" });
  const source = sqs.createQueue("source", { ...policy(deadLetters, 1), VisibilityTimeout: "0" });
  source.send({ body: "m", ...SENDER });
  for (let receives = 0; receives < 2; receives++) await source.receive({ max: 1 });
  await clock.advance(5 * 86_400_000);
  expect(source.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  const [message] = await deadLetters.receive({ max: 1 });
  expect(deadLetters.delete(String(message?.receiptHandle))).toBe(true);
});

describe("a lease by another clock", () => {
  test("ends by that clock, or by the one that a change names", async () => {
    const queue = sqs.createQueue("q");
    const machine = new SteppedClock();
    queue.send({ body: "m", ...SENDER });
    const [message] = await queue.receive({ max: 1, leaseClock: machine });
    await clock.advance(13 * 3_600_000);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    await machine.advance(30_000);
    expect(queue.counts().visible).toBe(1);

    const [again] = await queue.receive({ max: 1, leaseClock: machine });
    expect(again?.messageId).toBe(message?.messageId);
    expect(queue.changeVisibility(String(again?.receiptHandle), 10_000, clock)).toBe(true);
    await machine.advance(60_000);
    expect(queue.counts().inFlight).toBe(1);
    await clock.advance(10_000);
    expect(queue.counts().visible).toBe(1);
  });
});

describe("fair queues", () => {
  test("prefer the messages of other groups while a group has many messages in flight", async () => {
    const queue = sqs.createQueue("q");
    for (const index of range(200)) queue.send({ body: `noisy ${index}`, groupId: "noisy", ...SENDER });
    for (const index of range(5)) queue.send({ body: `quiet ${index}`, groupId: "quiet", ...SENDER });
    queue.send({ body: "no group", ...SENDER });
    expect(bodies(await queue.receive({ max: 30 }))).toEqual(range(30).map((index) => `noisy ${index}`));
    expect(bodies(await queue.receive({ max: 6 }))).toEqual([...range(5).map((index) => `quiet ${index}`), "no group"]);
    // Nothing else is left.
    expect(bodies(await queue.receive({ max: 170 }))).toEqual(range(170).map((index) => `noisy ${index + 30}`));
    queue.send({ body: "noisy again", groupId: "noisy", ...SENDER });
    expect(bodies(await queue.receive({ max: 10 }))).toEqual(["noisy again"]);
  });

  test("deliver in order again when the group has fewer messages in flight", async () => {
    const queue = sqs.createQueue("q", { VisibilityTimeout: "30" });
    for (const index of range(31)) queue.send({ body: `noisy ${index}`, groupId: "noisy", ...SENDER });
    const [first] = await queue.receive({ max: 1 });
    await queue.receive({ max: 29, visibilityTimeoutMs: 60_000 });
    queue.send({ body: "quiet", groupId: "quiet", ...SENDER });
    await clock.advance(30_000); // Ends the first lease.
    expect(bodies(await queue.receive({ max: 3 }))).toEqual(["noisy 30", "quiet", first?.body]);
  });

  test("deliver in order while no group has a tenth of the messages in flight, or 30 of them", async () => {
    const queue = sqs.createQueue("q");
    const send = (groupId: string | undefined, count: number) => {
      for (const _ of range(count)) queue.send({ body: String(groupId), groupId, ...SENDER });
    };
    send(undefined, 400);
    send("many", 30);
    send("all of few", 1);
    await queue.receive({ max: 431 });
    const groups = ["many", undefined, "all of few", "other"];
    for (const groupId of groups) send(groupId, 1);
    expect(bodies(await queue.receive({ max: 10 }))).toEqual(groups.map(String));
  });

  test("prefer the noisy group with the fewest messages in flight", async () => {
    const queue = sqs.createQueue("q");
    for (const [groupId, count] of [
      ["a", 60],
      ["b", 40],
    ] as const) {
      for (const _ of range(count)) queue.send({ body: groupId, groupId, ...SENDER });
      await queue.receive({ max: count });
    }
    for (const groupId of ["a", "a", "b", "b"]) queue.send({ body: groupId, groupId, ...SENDER });
    expect(bodies(await queue.receive({ max: 10 }))).toEqual(["b", "b", "a", "a"]);
  });
});

describe("shuffled delivery", () => {
  const COUNT = 1_000;

  /** Receives and deletes all messages. Returns their bodies in the order of their delivery. */
  async function consume(queue: Queue, max = 10): Promise<string[]> {
    const found: string[] = [];
    for (let empty = 0; empty < 2; ) {
      const messages = await queue.receive({ max });
      empty = messages.length === 0 ? empty + 1 : 0;
      expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(messages.length);
      for (const { body, receiptHandle } of messages) {
        found.push(body);
        queue.delete(receiptHandle);
      }
    }
    return found;
  }

  async function deliver(seed: number): Promise<string[]> {
    start({ shuffled: true, seed });
    const queue = sqs.createQueue("q");
    for (const index of range(COUNT)) queue.send({ body: String(index), ...SENDER });
    const found = await consume(queue);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    return found;
  }

  test("delivers all messages, out of order, and some of them again after their deletion", async () => {
    const found = await deliver(1);
    expect(new Set(found).size).toBe(COUNT);
    expect(found.length).toBeGreaterThan(COUNT * 1.1);
    expect(found.length).toBeLessThan(COUNT * 1.5);
    const times = new Map<string, number>();
    for (const body of found) times.set(body, (times.get(body) ?? 0) + 1);
    expect(Math.max(...times.values())).toBe(2);
    const first = [...new Set(found)];
    expect(first).not.toEqual(range(COUNT).map(String));
    // No message waits for long.
    expect(first.every((body, index) => Math.abs(Number(body) - index) < 100)).toBe(true);
  });

  test("repeats itself for the same seed, and not for another one", async () => {
    const [first, second, other] = [await deliver(7), await deliver(7), await deliver(8)];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("accepts the receipt handle of a duplicate, in place of the message's own or after its deletion", async () => {
    start({ shuffled: true, seed: 5 });
    const queue = sqs.createQueue("q");
    for (const index of range(100)) queue.send({ body: String(index), ...SENDER });
    const handles = new Map<string, string[]>();
    for (let empty = 0; empty < 2; ) {
      const messages = await queue.receive({ max: 10 });
      empty = messages.length === 0 ? empty + 1 : 0;
      for (const { messageId, receiptHandle } of messages) {
        handles.set(messageId, [...(handles.get(messageId) ?? []), receiptHandle]);
      }
    }
    const twice = [...handles.values()].filter(({ length }) => length === 2) as [string, string][];
    expect(twice.length).toBeGreaterThan(3);
    for (const [own, other] of twice) {
      expect([own === other, queue.changeVisibility(other, 60_000), queue.delete(other)]).toEqual([false, true, true]);
      expect([queue.changeVisibility(other, 0), queue.changeVisibility(own, 0)]).toEqual([true, false]);
    }
    expect(queue.counts()).toMatchObject({ visible: 0, inFlight: 100 - twice.length });
  });

  test("counts and purges duplicates as if they were none", async () => {
    start({ shuffled: true, seed: 3 });
    const queue = sqs.createQueue("q", { VisibilityTimeout: "0" });
    for (const index of range(100)) queue.send({ body: String(index), ...SENDER });
    for (const _ of range(20)) await queue.receive({ max: 10 });
    expect(queue.counts()).toEqual({ visible: 100, inFlight: 0, delayed: 0 });
    queue.purge();
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(await queue.receive({ max: 10 })).toEqual([]);
  });
});

test("a heap returns its items by their keys, whichever are removed", () => {
  const call = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat() }) },
  );
  fc.assert(
    fc.property(fc.array(call, { minLength: 100, maxLength: 300 }), (calls) => {
      const heap = new Heap<"place", { key: number; place: number }>("place", ({ key }) => key);
      const left: { key: number; place: number }[] = [];
      for (const step of calls) {
        if ("add" in step) {
          const item = { key: step.add, place: -1 };
          left.push(item);
          heap.add(item);
        } else if (left.length > 0) {
          const [item] = left.splice(step.remove % left.length, 1);
          if (item) heap.remove(item);
        }
      }
      const keys: number[] = [];
      for (let item = heap.first(); item; item = heap.first()) {
        keys.push(item.key);
        heap.remove(item);
      }
      return (
        keys.join() ===
        left
          .map(({ key }) => key)
          .sort((x, y) => x - y)
          .join()
      );
    }),
  );
});

test("sends, receives and deletes as fast with 100,000 messages as with 1,000", async () => {
  const measure = async (queue: Queue, length: number) => {
    const start = process.cpuUsage().user;
    for (const index of range(length))
      queue.send({ body: "m", groupId: index % 2 ? `g-${index % 50}` : undefined, ...SENDER });
    for (let left = length; left > 0; ) {
      const messages = await queue.receive({ max: 10 });
      left -= messages.length;
      for (const { receiptHandle } of messages) queue.delete(receiptHandle);
    }
    return (process.cpuUsage().user - start) / length;
  };
  const queue = sqs.createQueue("q");
  await measure(queue, 5_000); // Warms up.
  const few = await measure(queue, 5_000);
  for (const _ of range(100_000)) queue.send({ body: "m", ...SENDER });
  const many = await measure(queue, 5_000);
  expect(queue.counts()).toEqual({ visible: 100_000, inFlight: 0, delayed: 0 });
  expect(many).toBeLessThan(10 * few);
});
