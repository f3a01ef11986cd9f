import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { FakeQueues, type Fault, throttled } from "@event-pipeline/testing/fake-queue";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { VirtualClock } from "@event-pipeline/testing/virtual-clock";
import fc from "fast-check";
import { deadLetterMessage } from "../../dlq/dead-letter-message";
import { peekQueue } from "../../dlq/peek-queue";
import { openQueueDestination, originalMessage } from "../../dlq/queue-destination";
import { type RedriveOptions, type RedriveRoute, redrive } from "../../dlq/redrive";

const DLQ = "dlq";
const QUEUE = "queue";
const text = (StringValue: string) => ({ DataType: "String", StringValue });

// A retry waits for a random part of its backoff. In these tests, it waits for a hundredth of this time.
const { random } = Math;
beforeEach(() => jest.spyOn(Math, "random").mockImplementation(() => random() / 100));
afterEach(() => jest.restoreAllMocks());

function putDeadLetters(queues: FakeQueues, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const body = envelopeOf(`{"id":${index}}`);
    queues.put(DLQ, body, { error_code: text(index % 2 === 0 ? "EVEN" : "ODD") });
    return body;
  });
}

async function redriveAll(
  queues: FakeQueues,
  options: Partial<RedriveOptions> = {},
  destination?: RedriveRoute["destination"],
) {
  const route = {
    deadLetterQueue: queues.queue(DLQ),
    destination: destination ?? (await openQueueDestination(queues.queue(QUEUE))),
  };
  return redrive(route, { filter: {}, ...options });
}

/** Expects that every message is in one of the queues, and that the queues have no other messages. */
function expectNoneLost(queues: FakeQueues, bodies: readonly string[]): void {
  const found = new Set([...queues.bodies(DLQ), ...queues.bodies(QUEUE)]);
  expect([...found].sort()).toEqual([...bodies].sort());
}

test("extends its lease, so that a slow redrive sends each message once", async () => {
  const clock = new VirtualClock();
  const queues = new FakeQueues(clock);
  const bodies = putDeadLetters(queues, 40);
  const stolen: unknown[] = [];
  const stop = clock.every(50, async () => {
    const command = new ReceiveMessageCommand({ QueueUrl: DLQ, MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    const { Messages = [] } = await queues.sqs.send(command);
    // Before its first receive, another consumer may receive the message.
    stolen.push(...Messages.filter(({ Attributes }) => Attributes?.ApproximateReceiveCount !== "1"));
  });
  const options = { rate: 6, leaseSeconds: 1, filter: { code: "EVEN" }, clock };
  const { sent } = await clock.run(redriveAll(queues, options));
  stop();
  expect(sent).toBe(20);
  expect(clock.now()).toBeGreaterThan(2_000);
  expect(stolen).toEqual([]);
  expect(queues.bodies(QUEUE).sort()).toEqual(bodies.filter((_, index) => index % 2 === 0).sort());
  expect(queues.visible(DLQ)).toBe(20);
});

test("sends each message once even if leases cannot be extended and end early", async () => {
  const clock = new VirtualClock();
  const queues = new FakeQueues(clock);
  const bodies = putDeadLetters(queues, 40);
  const denied = Object.assign(new Error("no"), { name: "AccessDenied" });
  queues.fault = (operation) =>
    operation === "ChangeMessageVisibilityBatchCommand" ? { error: denied, after: false } : undefined;
  const result = await clock.run(redriveAll(queues, { rate: 6, leaseSeconds: 1, filter: { code: "EVEN" }, clock }));
  expect(queues.bodies(QUEUE).sort()).toEqual(bodies.filter((_, index) => index % 2 === 0).sort());
  expect(result).toMatchObject({ sent: 20, deleted: 20, leaseLost: 0, releaseError: { kind: "credentials" } });
});

const OPERATIONS = [
  "ReceiveMessageCommand",
  "SendMessageBatchCommand",
  "DeleteMessageBatchCommand",
  "ChangeMessageVisibilityBatchCommand",
];

/** Faults by request number: throttling, a lost response, or a connection that breaks before or after the effect. */
const faults = fc
  .array(
    fc.option(
      fc.record({
        operation: fc.constantFrom(...OPERATIONS),
        kind: fc.constantFrom("throttled", "retried", "before", "after"),
      }),
      { freq: 2 },
    ),
    { maxLength: 30 },
  )
  .map((list): Fault => {
    let request = 0;
    return (operation) => {
      const fault = list[request++];
      if (!fault || fault.operation !== operation) return undefined;
      if (fault.kind === "retried") return "retried";
      if (fault.kind === "throttled") return { error: throttled(), after: false };
      const error = Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
      return { error, after: fault.kind === "after" };
    };
  });

test("loses no message, and counts what it did, regardless of failures and interruptions", async () => {
  await fc.assert(
    fc.asyncProperty(faults, fc.nat(35), fc.option(fc.nat(60)), async (fault, count, stopAfterMs) => {
      const queues = new FakeQueues();
      const bodies = putDeadLetters(queues, count);
      queues.fault = fault;
      const controller = new AbortController();
      if (stopAfterMs !== null) setTimeout(() => controller.abort(), stopAfterMs);
      const result = await redriveAll(queues, { signal: controller.signal, filter: { code: "ODD" } });
      expectNoneLost(queues, bodies);
      // Messages that do not match the filter are never sent.
      for (const [index, body] of bodies.entries()) {
        if (index % 2 === 0) expect(queues.bodies(DLQ)).toContain(body);
      }
      const { sent, deleted, unconfirmed, complete, stillLeased, stoppedBy } = result;
      const arrived = new Set(queues.bodies(QUEUE));
      const inBoth = queues.bodies(DLQ).filter((body) => arrived.has(body)).length;
      expect(arrived.size).toBeGreaterThanOrEqual(sent);
      expect(arrived.size).toBeLessThanOrEqual(sent + unconfirmed);
      expect(inBoth).toBeLessThanOrEqual(sent - deleted + unconfirmed);
      expect(queues.bodies(DLQ).length - queues.visible(DLQ)).toBeLessThanOrEqual(stillLeased + result.notSeen);
      if (complete && !stoppedBy) expect([sent, deleted, inBoth]).toEqual([arrived.size, arrived.size, 0]);
      if (complete && !stoppedBy) expect(sent).toBe(Math.floor(count / 2));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("retries throttled requests", async () => {
  const queues = new FakeQueues();
  const bodies = putDeadLetters(queues, 30);
  let request = 0;
  queues.fault = () => (request++ % 3 === 2 ? { error: throttled(), after: false } : undefined);
  expect(await redriveAll(queues)).toMatchObject({ sent: 30, deleted: 30, stillLeased: 0 });
  expect(queues.bodies(QUEUE).sort()).toEqual(bodies.sort());
  expect(queues.bodies(DLQ)).toEqual([]);
});

test.each([1, 2])("does not send messages again that return during the redrive, %d times each", async (times) => {
  const queues = new FakeQueues();
  putDeadLetters(queues, 60);
  const destination = await openQueueDestination(queues.queue(QUEUE));
  const { sent, seen, notSeen, returned } = await redriveAll(
    queues,
    {},
    {
      deliver: async (messages) => {
        const delivered = await destination.deliver(messages);
        // The handler refuses each message immediately, and once more if SQS delivers it twice.
        for (const [{ message }, id] of [...delivered.idBySent].flatMap((each) => Array(times).fill(each))) {
          queues.put(DLQ, String(message.Body), { error_code: text("AGAIN"), original_message_id: text(String(id)) });
        }
        return delivered;
      },
    },
  );
  expect([sent, seen, notSeen]).toEqual([60, 60, 0]);
  expect(returned).toEqual(new Map([["AGAIN", 60]]));
  expect(queues.bodies(DLQ)).toHaveLength(60 * times);
});

test("leaves a message above the queue's maximum size, and sends the others", async () => {
  const queues = new FakeQueues();
  queues.maxBytes = 100_000;
  for (const size of [10, 60_000, 60_000, 120_000, 10]) queues.put(DLQ, "x".repeat(size));
  const { sent, failures } = await redriveAll(queues);
  expect(sent).toBe(4);
  expect([...failures]).toEqual([[expect.stringMatching(/120000.*100000/), 1]]);
  expect(queues.bodies(DLQ).map(({ length }) => length)).toEqual([120_000]);
});

test("a peek makes every message visible again, even if it fails", async () => {
  const queues = new FakeQueues();
  putDeadLetters(queues, 57);
  const result = await peekQueue(queues.queue(DLQ), { onMessage: () => undefined });
  expect(result).toMatchObject({ seen: 57, matched: 57, complete: true });
  expect([queues.visible(DLQ), queues.receives(DLQ).every((receives) => receives === 1)]).toEqual([57, true]);
  const failing = peekQueue(queues.queue(DLQ), {
    onMessage: () => {
      throw new Error("The disk is full.");
    },
  });
  await expect(failing).rejects.toThrow("The disk is full.");
  expect(queues.visible(DLQ)).toBe(57);
});

test.each([
  [
    "of the handler",
    { error_code: text("NOT_JSON"), error_message: text("x"), sns_message_id: text("y"), own: text("z") },
    ["own"],
  ],
  ["of the sender", { sns_message_id: text("kept"), own: text("z") }, ["sns_message_id", "own"]],
])("attributes %s are removed or kept", (_, MessageAttributes, kept) => {
  const { MessageAttributes: attributes } = originalMessage(deadLetterMessage({ Body: "raw", MessageAttributes }));
  expect(Object.keys(attributes ?? {})).toEqual(kept);
});

test("sends characters that SQS rejects as JSON escapes", () => {
  const Body = envelopeOf('{"text":"￿"}').replace("￿", "\uffff");
  const { MessageBody: body = "" } = originalMessage(deadLetterMessage({ Body }));
  expect(JSON.parse(body)).toEqual(JSON.parse(Body));
  expect(body).not.toContain("\uffff");
});
