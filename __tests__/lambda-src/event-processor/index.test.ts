import fc from "fast-check";
import { silence } from "../../helpers/faults";
import { goodRecords, HandlerUnderFaults, NOT_JSON } from "../../helpers/handler-under-faults";
import { textOf, writtenObject } from "../../helpers/json-texts";
import { contextOf, envelopeOf, recordOf, recordOfEvent } from "../../helpers/sqs-records";

const underTest = new HandlerUnderFaults();

describe("all is well", () => {
  it("stores a batch with one request, one log line and its metrics", async () => {
    expect(await underTest.process(goodRecords(10), 5_000)).toMatchObject({ stored: 10, deadLettered: 0, retried: 0 });
    expect(underTest.aws.requests).toHaveLength(1);
    expect(underTest.lines().filter((line) => "level" in line)).toEqual([
      expect.objectContaining({ message: "batch processed", records: 10, stored: 10, refused: 0, retried: 0 }),
    ]);
    expect(underTest.metric("EventsStored")).toBe(10);
    expect(underTest.metric("EventAgeAtStorage")).toHaveLength(10);
  });

  it("folds events of one key and counts them", async () => {
    const event = { type: "a", id: "1", source: "s", time: "2026-01-01T00:00:00Z" };
    const { batchItemFailures } = await underTest.invoke(
      [recordOfEvent(event), recordOfEvent(event), recordOfEvent(event)],
      contextOf(5_000),
    );
    expect(batchItemFailures).toEqual([]);
    expect(underTest.aws.items.size).toBe(1);
    expect(underTest.metric("EventsStored")).toBe(1);
    expect(underTest.metric("DuplicatesFolded")).toBe(2);
  });

  it("answers an empty batch", async () => {
    expect(await underTest.process([], 5_000)).toMatchObject({ stored: 0, retried: 0 });
  });
});

it("answers although nothing does, and there is no time", async () => {
  underTest.aws.faults = [silence];
  const { batchItemFailures } = await underTest.invoke([...goodRecords(2), recordOfEvent(NOT_JSON)], {
    ...contextOf(0),
    getRemainingTimeInMillis: () => 0,
  });
  expect(batchItemFailures).toHaveLength(3);
});

it("says nothing of an event's content in its logs", async () => {
  await underTest.process(
    [recordOfEvent({ type: "a", password: "hunter2" }), recordOfEvent(["hunter2".repeat(100)])],
    5_000,
  );
  const text = JSON.stringify(underTest.lines());
  expect(text.length).toBeLessThan(5_000);
  expect(text).not.toContain("password");
});

/** Text that is the same for bodies which are the same JSON. */
function meaningOf(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body; // Not JSON: only itself means the same.
  }
}

it("brings whatever arrives to one end, and hands nothing back while AWS is well", async () => {
  const message = fc.oneof(
    fc.json(),
    fc.string({ unit: "binary" }),
    writtenObject.map((value) => textOf(value)),
  );
  const body = fc.oneof(
    { weight: 6, arbitrary: message.map((text) => envelopeOf(text)) },
    fc.json(),
    fc.string({ unit: "grapheme" }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 10 }), async (bodies) => {
      underTest.reset();
      const records = bodies.map((text) => recordOf(text));
      expect(await underTest.invoke(records, contextOf(5_000))).toEqual({ batchItemFailures: [] });
      const letters = underTest.aws.letters.map((letter) => letter.MessageAttributes.original_message_id?.StringValue);
      const inTable = [...underTest.aws.items.values()].map(({ message_id }) => message_id?.S);
      // An event that another one of the batch and the same key was folded into has no item of its own.
      const folded = Number(underTest.metric("DuplicatesFolded"));
      expect(letters.length + inTable.length + folded).toBe(records.length);
      // As it came, or with escapes for what SQS refuses, which mean the same.
      const sent = bodies.map(meaningOf);
      for (const letter of underTest.aws.letters) expect(sent).toContain(meaningOf(String(letter.MessageBody)));
    }),
    { numRuns: 200, interruptAfterTimeLimit: 4_000 },
  );
});
