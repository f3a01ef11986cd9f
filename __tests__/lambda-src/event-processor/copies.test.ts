import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { openQueueDestination } from "@event-pipeline/operations/dlq/queue-destination";
import { redrive } from "@event-pipeline/operations/dlq/redrive";
import { FakeQueues } from "@event-pipeline/testing/fake-queue";
import { envelopeOf, recordOf } from "@event-pipeline/testing/sqs-records";
import type { SQSMessageAttributes } from "aws-lambda";
import fc from "fast-check";
import { DeadLetterQueue } from "../../../lambda-src/event-processor/dead-letter-queue";
import { Deadline } from "../../../lambda-src/event-processor/deadline";

/** Everything that SQS lets a sender set, except the delay, which has passed. */
interface Sent {
  readonly body: string;
  readonly attributes: Record<string, MessageAttributeValue>;
  readonly system: Readonly<Record<string, string>>;
}

const REASONS = ["error_code", "error_message", "original_message_id", "sns_message_id"];
/** Characters that SendMessage accepts. */
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const attribute: fc.Arbitrary<MessageAttributeValue> = fc.oneof(
  fc.record({ DataType: fc.constantFrom("String", "String.trace", "Number", "Number.int"), StringValue: text }),
  fc.record({
    DataType: fc.constantFrom("Binary", "Binary.png"),
    BinaryValue: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  }),
);
const name = fc.oneof(
  fc.constantFrom("toString", "constructor", "1", "error_codes", "MessageGroupId", "AWSTraceHeader"),
  // The SDK does not return the value of an attribute `__proto__`; another test covers it.
  fc.stringMatching(/^[\w-]{1,20}$/).filter((any) => ![...REASONS, "__proto__"].includes(any)),
);
const sent: fc.Arbitrary<Sent> = fc.record({
  body: fc.oneof(
    text,
    text.map((message) => envelopeOf(message)),
    fc.constant(envelopeOf('{"id":1}')),
  ),
  attributes: fc.dictionary(name, attribute, { maxKeys: 9 }),
  system: fc.record(
    {
      MessageGroupId: fc.stringMatching(/^[!-~]{1,128}$/),
      AWSTraceHeader: fc.constant("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"),
    },
    { requiredKeys: [] },
  ),
});

/** Returns the message as Lambda passes it to the handler. */
function recordOfSent({ body, attributes, system }: Sent) {
  const record = recordOf(body);
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([key, { DataType = "", StringValue, BinaryValue }]) => [
      key,
      BinaryValue
        ? { dataType: DataType, binaryValue: Buffer.from(BinaryValue).toString("base64") }
        : { dataType: DataType, stringValue: StringValue },
    ]),
  ) as SQSMessageAttributes;
  return { ...record, messageAttributes, attributes: { ...record.attributes, ...system } };
}

/** Returns the parts of a message in one format, however the client represents bytes. */
function plain({ attributes, system, body }: Sent): object {
  const values = Object.entries(attributes).map(([key, { DataType, StringValue, BinaryValue }]) => [
    key,
    DataType,
    BinaryValue ? Buffer.from(BinaryValue).toString("hex") : StringValue,
  ]);
  return {
    body,
    values: values.sort(([one = ""], [other = ""]) => (one < other ? -1 : 1)),
    system: Object.entries(system).sort(),
  };
}

function messagesIn(queues: FakeQueues, url: string): Sent[] {
  return queues.settings(url).map((settings, index) => ({ ...settings, body: String(queues.bodies(url)[index]) }));
}

async function refuse(queues: FakeQueues, messages: readonly Sent[]): Promise<void> {
  const error = new RefusedMessageError("NOT_JSON", "It is not JSON.");
  const letters = messages.map((message) => {
    const isEnvelope = message.body.startsWith('{"Type"');
    return { record: recordOfSent(message), error, ...(isEnvelope && { snsMessageId: "sns-id" }) };
  });
  const errors = await new DeadLetterQueue("dlq", queues.sqs).send(letters, Deadline.in(60_000));
  expect(errors.size).toBe(0);
}

async function redriveAll(queues: FakeQueues): Promise<void> {
  const destination = await openQueueDestination(queues.queue("queue"));
  const { sent: count, failures } = await redrive(
    { deadLetterQueue: queues.queue("dlq"), destination },
    { filter: {} },
  );
  expect([count, failures.size]).toEqual([messagesIn(queues, "queue").length, 0]);
}

const byBody = (one: object, other: object) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);

test("a message keeps everything that its sender set when it is refused and redriven", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 12 }), async (messages) => {
      const queues = new FakeQueues();
      await refuse(queues, messages);
      for (const [index, letter] of messagesIn(queues, "dlq").entries()) {
        const { attributes, system, body } = messages[index] as Sent;
        expect(letter).toMatchObject({ attributes: {}, system, body });
        expect(Object.keys(letter.attributes)).toEqual(
          expect.arrayContaining([...Object.keys(attributes), "error_code"]),
        );
      }
      await redriveAll(queues);
      expect(messagesIn(queues, "queue").map(plain).sort(byBody)).toEqual(messages.map(plain).sort(byBody));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a message that SQS moved to the dead-letter queue keeps everything too, after any number of redrives", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 12 }), async (messages) => {
      const queues = new FakeQueues();
      for (const { body, attributes, system } of messages) queues.put("dlq", body, attributes, system);
      await redriveAll(queues);
      expect(messagesIn(queues, "queue").map(plain).sort(byBody)).toEqual(messages.map(plain).sort(byBody));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a redrive skips dead letters that the SDK does not return completely, and sends the others", async () => {
  const queues = new FakeQueues();
  const attributes = Object.fromEntries([["__proto__", { DataType: "String", StringValue: "kept" }]]);
  const told = { body: envelopeOf('{"id":1}'), attributes: {}, system: {} };
  const untold = { body: envelopeOf('{"id":2}'), attributes, system: {} };
  await refuse(queues, [untold, told]);
  expect(queues.settings("dlq").map((settings) => Object.keys(settings.attributes).includes("__proto__"))).toEqual([
    true,
    false,
  ]);
  const destination = await openQueueDestination(queues.queue("queue"));
  const { failures } = await redrive({ deadLetterQueue: queues.queue("dlq"), destination }, { filter: {} });
  expect([...failures]).toEqual([[expect.stringContaining("message attribute __proto__"), 1]]);
  expect(queues.bodies("queue")).toEqual([told.body]);
  expect(queues.bodies("dlq")).toEqual([untold.body]);
});
