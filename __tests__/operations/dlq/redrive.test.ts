import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { asItCame, QueueDestination } from "../../../operations/dlq/deliver";
import { letterOf } from "../../../operations/dlq/letter";
import { look } from "../../../operations/dlq/look";
import { redrive } from "../../../operations/dlq/redrive";
import { FakeQueues, type Fault, throttled } from "../../helpers/fake-queue";
import { envelopeOf } from "../../helpers/sqs-records";

const DLQ = "dlq";
const QUEUE = "queue";
const text = (StringValue: string) => ({ DataType: "String", StringValue });

function lettersIn(queues: FakeQueues, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const body = envelopeOf(`{"id":${index}}`);
    queues.put(DLQ, body, { error_code: text(index % 2 === 0 ? "EVEN" : "ODD") });
    return body;
  });
}

async function redriveAll(queues: FakeQueues, props: Partial<Parameters<typeof redrive>[0]> = {}) {
  const destination = await QueueDestination.to(queues.sqs, QUEUE);
  return redrive({ sqs: queues.sqs, queueUrl: DLQ, destination, filter: {}, ...props });
}

/** Each is somewhere, and nothing is that was not. */
function expectNoneLost(queues: FakeQueues, bodies: readonly string[]): void {
  const found = new Set([...queues.bodies(DLQ), ...queues.bodies(QUEUE)]);
  expect([...found].sort()).toEqual([...bodies].sort());
}

test("a redrive that is slower than the hold keeps what it holds from others, and sends each once", async () => {
  const queues = new FakeQueues();
  const bodies = lettersIn(queues, 40);
  const stolen: unknown[] = [];
  const thief = setInterval(async () => {
    const command = new ReceiveMessageCommand({ QueueUrl: DLQ, MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    const { Messages = [] } = await queues.sqs.send(command);
    // What is not received yet is anybody's.
    stolen.push(...Messages.filter(({ Attributes }) => Attributes?.ApproximateReceiveCount !== "1"));
  }, 50);
  try {
    const { sent } = await redriveAll(queues, { rate: 4, holdSeconds: 3, filter: { code: "EVEN" } });
    expect(sent).toBe(20);
  } finally {
    clearInterval(thief);
  }
  expect(stolen).toEqual([]);
  expect(queues.bodies(QUEUE).sort()).toEqual(bodies.filter((_, index) => index % 2 === 0).sort());
  expect(queues.visible(DLQ)).toBe(20);
}, 15_000);

const OPERATIONS = [
  "ReceiveMessageCommand",
  "SendMessageBatchCommand",
  "DeleteMessageBatchCommand",
  "ChangeMessageVisibilityBatchCommand",
];

/** Faults by the number of the request: throttled, cut off before it is done, or after. */
const faults = fc
  .array(
    fc.option(
      fc.record({ operation: fc.constantFrom(...OPERATIONS), kind: fc.constantFrom("throttled", "before", "after") }),
      { freq: 2 },
    ),
    { maxLength: 30 },
  )
  .map((list): Fault => {
    let request = 0;
    return (operation) => {
      const fault = list[request++];
      if (!fault || fault.operation !== operation) return undefined;
      if (fault.kind === "throttled") return { error: throttled(), after: false };
      const error = Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
      return { error, after: fault.kind === "after" };
    };
  });

test("whatever fails, and whenever it is interrupted, none is lost and nothing of anybody else's appears", async () => {
  await fc.assert(
    fc.asyncProperty(faults, fc.nat(35), fc.option(fc.nat(60)), async (fault, count, stopAfterMs) => {
      const queues = new FakeQueues();
      const bodies = lettersIn(queues, count);
      queues.fault = fault;
      const controller = new AbortController();
      if (stopAfterMs !== null) setTimeout(() => controller.abort(), stopAfterMs);
      const outcome = await redriveAll(queues, { signal: controller.signal, filter: { code: "ODD" } }).catch(
        (error: Error) => error,
      );
      expectNoneLost(queues, bodies);
      // The others were never sent.
      for (const [index, body] of bodies.entries()) {
        if (index % 2 === 0) expect(queues.bodies(DLQ)).toContain(body);
      }
      if (outcome instanceof Error) expect(outcome.name).toBe("TimeoutError");
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("throttling is waited out", async () => {
  const queues = new FakeQueues();
  const bodies = lettersIn(queues, 30);
  let request = 0;
  queues.fault = () => (request++ % 3 === 2 ? { error: throttled(), after: false } : undefined);
  expect(await redriveAll(queues)).toMatchObject({ sent: 30, undeleted: 0, notGivenBack: 0 });
  expect(queues.bodies(QUEUE).sort()).toEqual(bodies.sort());
  expect(queues.bodies(DLQ)).toEqual([]);
});

test("letters that come back while others are sent are not sent again", async () => {
  const queues = new FakeQueues();
  lettersIn(queues, 60);
  const destination = await QueueDestination.to(queues.sqs, QUEUE);
  const { sent, cameBack } = await redrive({
    sqs: queues.sqs,
    queueUrl: DLQ,
    filter: {},
    destination: {
      deliver: async (letters) => {
        const delivered = await destination.deliver(letters);
        // The handler refuses each at once.
        for (const [{ message }, id] of delivered.idByTaken) {
          queues.put(DLQ, String(message.Body), { error_code: text("AGAIN"), original_message_id: text(String(id)) });
        }
        return delivered;
      },
    },
  });
  expect(sent).toBe(60);
  expect(cameBack).toEqual(new Map([["AGAIN", 60]]));
  expect(queues.bodies(DLQ)).toHaveLength(60);
});

test("a letter larger than the queue takes stays, and its neighbours go", async () => {
  const queues = new FakeQueues();
  queues.maxBytes = 100_000;
  for (const size of [10, 60_000, 60_000, 120_000, 10]) queues.put(DLQ, "x".repeat(size));
  const { sent, failures } = await redriveAll(queues);
  expect(sent).toBe(4);
  expect([...failures]).toEqual([["It has 120000 bytes, and the queue takes 100000.", 1]]);
  expect(queues.bodies(DLQ).map(({ length }) => length)).toEqual([120_000]);
});

test("looking gives every message back, also when it fails half-way", async () => {
  const queues = new FakeQueues();
  lettersIn(queues, 57);
  const onLetter = () => undefined;
  expect(await look({ sqs: queues.sqs, queueUrl: DLQ, onLetter })).toMatchObject({ seen: 57, meant: 57, whole: true });
  expect([queues.visible(DLQ), queues.receives(DLQ).every((receives) => receives === 1)]).toEqual([57, true]);
  const failing = look({
    sqs: queues.sqs,
    queueUrl: DLQ,
    onLetter: () => {
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
  ["of nobody", { sns_message_id: text("kept"), own: text("z") }, ["sns_message_id", "own"]],
])("attributes %s are left out or kept", (_, MessageAttributes, kept) => {
  const { attributes } = asItCame(letterOf({ Body: "raw", MessageAttributes }));
  expect(Object.keys(attributes ?? {})).toEqual(kept);
});

test("characters that SQS refuses go as the escapes that mean the same", () => {
  const Body = envelopeOf('{"text":"￿"}').replace("￿", "\uffff");
  const { body } = asItCame(letterOf({ Body }));
  expect(JSON.parse(body)).toEqual(JSON.parse(Body));
  expect(body).not.toContain("\uffff");
});
