// Run with `npm run test:data`. It requires Node.js 22.13 or newer, because the data folder uses node:sqlite.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { SteppedClock } from "../../clock";
import type { Queue } from "../../sqs/queue";
import type { Sqs } from "../../sqs/sqs";
import { FolderStorage } from "../../storage/storage";
import { createSqs } from "./start-sqs";

const SENDER = { senderId: "AIDALOCAL" };

const clock = new SteppedClock();
let folder: string;
let storage: FolderStorage | undefined;
let sqs: Sqs;

function open(): void {
  storage = FolderStorage.open(folder, (error) => {
    throw error;
  });
  sqs = createSqs({ clock, storage });
}

/** Stops as a kill would, after the last acknowledged change. */
async function restart(): Promise<void> {
  await close();
  open();
}

async function close(): Promise<void> {
  await storage?.flush();
  sqs?.stop();
  storage?.close();
  storage = undefined;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "data-"));
  open();
});

afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

test("keeps queues with their attributes and tags, and messages with all of theirs", async () => {
  const deadLetters = sqs.createQueue("dead-letters");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 1 });
  const queue = sqs.createQueue("q", { VisibilityTimeout: "7", RedrivePolicy }, { team: "a" });
  const attributes = {
    text: { DataType: "String", StringValue: "é🐛" },
    bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) },
  };
  queue.send({ body: "dead", attributes, groupId: "g", traceHeader: "Root=1", ...SENDER });
  for (const _ of [1, 2]) await queue.receive({ max: 1, visibilityTimeoutMs: 0 });
  const before = { ...queue.attributes };
  await restart();

  const again = sqs.queueNamed("q");
  expect([again.attributes, again.record.tags]).toEqual([before, { team: "a" }]);
  const [message] = await sqs.queueNamed("dead-letters").receive({ max: 1 });
  expect(message).toMatchObject({
    body: "dead",
    groupId: "g",
    traceHeader: "Root=1",
    receiveCount: 2,
    deadLetterSourceArn: queue.arn,
    attributes: { text: attributes.text },
  });
  expect([...(message?.attributes.bytes?.BinaryValue ?? [])]).toEqual([0, 255]);
  sqs.deleteQueue(again);
  await restart();
  expect([...sqs.queues()].map(({ name }) => name)).toEqual(["dead-letters"]);
});

test("makes messages visible that were in flight, and does not count their last receive", async () => {
  const deadLetters = sqs.createQueue("dead-letters");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 3 });
  sqs.createQueue("q", { RedrivePolicy }).send({ body: "m", ...SENDER });
  // Many restarts dead-letter nothing.
  for (let restarts = 0; restarts < 5; restarts++) {
    const [message] = await sqs.queueNamed("q").receive({ max: 1 });
    expect(message?.receiveCount).toBe(1);
    await restart();
    expect(sqs.queueNamed("q").counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(sqs.queueNamed("q").delete(String(message?.receiptHandle))).toBe(false);
  }
  // Receives whose visibility timeout ended do count.
  await sqs.queueNamed("q").receive({ max: 1 });
  await clock.advance(30_000);
  await restart();
  expect(await sqs.queueNamed("q").receive({ max: 1 })).toMatchObject([{ receiveCount: 2 }]);
});

test("continues delays and retention", async () => {
  const queue = sqs.createQueue("q", { MessageRetentionPeriod: "600" });
  queue.send({ body: "delayed", delaySeconds: 60, ...SENDER });
  queue.send({ body: "visible", ...SENDER });
  await restart();
  expect(sqs.queueNamed("q").counts()).toEqual({ visible: 1, inFlight: 0, delayed: 1 });
  await clock.advance(60_000);
  expect(sqs.queueNamed("q").counts()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  await clock.advance(540_000);
  await restart();
  expect(sqs.queueNamed("q").counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test("loses nothing, and brings nothing back, in any sequence of calls and restarts", async () => {
  const call = fc.oneof(
    { weight: 4, arbitrary: fc.constant("send" as const) },
    { weight: 3, arbitrary: fc.constant("receive" as const) },
    { weight: 2, arbitrary: fc.constant("delete" as const) },
    { weight: 1, arbitrary: fc.constant("advance" as const) },
    { weight: 1, arbitrary: fc.constant("restart" as const) },
  );
  let names = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 40 }), async (calls) => {
      const name = `q-${++names}`;
      const deadLetters = sqs.createQueue(`${name}-dead-letters`);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 2 });
      sqs.createQueue(name, { RedrivePolicy });
      const left = new Set<string>();
      /** Receives whose visibility timeout ended, by message ID. */
      const receives = new Map<string, number>();
      let handles: [id: string, handle: string][] = [];
      for (const step of [...calls, "restart"] as const) {
        const queue = sqs.queueNamed(name);
        if (step === "send") left.add(queue.send({ body: "m", ...SENDER }).messageId);
        if (step === "receive") {
          for (const { messageId, receiptHandle, receiveCount } of await queue.receive({ max: 2 })) {
            expect(receiveCount).toBe((receives.get(messageId) ?? 0) + 1);
            handles.push([messageId, receiptHandle]);
          }
        }
        if (step === "delete") {
          const [id, handle] = handles.pop() ?? [];
          if (id && handle && queue.delete(handle)) left.delete(id);
        }
        if (step === "advance") {
          await clock.advance(31_000);
          for (const [id] of handles) receives.set(id, (receives.get(id) ?? 0) + 1);
          handles = [];
        }
        if (step === "restart") {
          await restart();
          handles = [];
        }
        expect(total(sqs.queueNamed(name)) + total(sqs.queueNamed(`${name}-dead-letters`))).toBe(left.size);
      }
      const queues = [sqs.queueNamed(name), sqs.queueNamed(`${name}-dead-letters`)];
      const found = (await Promise.all(queues.map((queue) => queue.receive({ max: 100 })))).flat();
      expect(found.map(({ messageId }) => messageId).sort()).toEqual([...left].sort());
    }),
    { numRuns: 25 },
  );
});

function total(queue: Queue): number {
  const { visible, inFlight, delayed } = queue.counts();
  return visible + inFlight + delayed;
}
