import type { LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { textOf, writtenObject } from "@event-pipeline/testing/json-texts";
import { contextOf, envelopeOf, recordOf, recordOfEvent } from "@event-pipeline/testing/sqs-records";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import type { Context, SQSMessageAttributes } from "aws-lambda";
import fc from "fast-check";
import { silence } from "../../helpers/faults";
import { goodRecords, HandlerUnderFaults, NOT_JSON } from "../../helpers/handler-under-faults";

const underTest = new HandlerUnderFaults();

describe("without faults, the handler", () => {
  it("stores a batch with one request, one log line and its metrics", async () => {
    expect(await underTest.process(goodRecords(10), 5_000)).toMatchObject({ stored: 10, deadLettered: 0, retried: 0 });
    expect(underTest.aws.requests).toHaveLength(1);
    expect(underTest.lines().filter((line) => "level" in line)).toEqual([
      expect.objectContaining({ message: "batch processed", records: 10, stored: 10, refused: 0, retried: 0 }),
    ]);
    const keys = [...underTest.aws.items.values()].map(({ event_type, timestamp_id, message_id }) => ({
      sns_message_id: message_id?.S,
      end: "stored",
      received_at: "2026-03-04T05:06:07.890Z",
      event_type: event_type?.S,
      timestamp_id: timestamp_id?.S,
    }));
    expect(underTest.logged("batch processed")[0]?.ends).toEqual(keys);
    expect(underTest.metric("EventsStored")).toBe(10);
    expect(underTest.metric("EventAgeAtStorage")).toHaveLength(10);
  });

  it("stores only the last of several events with the same key, and counts the others", async () => {
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

  it("returns no failures for an empty batch", async () => {
    expect(await underTest.process([], 5_000)).toMatchObject({ stored: 0, retried: 0 });
  });
});

it("sends a dead letter with attributes of any name", async () => {
  const messageAttributes = JSON.parse(
    '{"__proto__": {"dataType": "String", "stringValue": "p"}, "toString": {"dataType": "String", "stringValue": "t"}}',
  ) as SQSMessageAttributes;
  await underTest.process([recordOf(envelopeOf(NOT_JSON), { messageAttributes })], 5_000);
  expect(Object.keys(underTest.aws.letters[0]?.MessageAttributes ?? {})).toEqual(
    expect.arrayContaining(["__proto__", "toString", "error_code"]),
  );
});

describe("with too many records for the time left, the handler", () => {
  const big = (n: number) => recordOfEvent({ type: "big", n, pad: "x".repeat(50_000) });

  it("parses the smallest records first", async () => {
    await underTest.process([big(1), recordOfEvent({ type: "small" }), big(2)], 5_000);
    const [first] = underTest.aws.requests;
    expect(first?.items.map(({ event_type }) => event_type?.S)).toEqual(["small", "big", "big"]);
  });

  it("processes large batches in groups, and sends each group before it parses the next", async () => {
    const records = Array.from({ length: 12 }, (_, n) => big(n));
    expect(await underTest.process(records, 5_000)).toMatchObject({ stored: 12, retried: 0 });
    expect(underTest.aws.requests.length).toBeGreaterThan(1);
  });

  it("reports records that timed out as failed, in one log line", async () => {
    const records = [...goodRecords(3), recordOfEvent(NOT_JSON)];
    const { batchItemFailures } = await underTest.invoke(records, {
      ...contextOf(0),
      getRemainingTimeInMillis: () => 0,
    });
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(
      records.map(({ messageId }) => messageId).sort(),
    );
    expect(underTest.aws.requests).toEqual([]);
    expect(underTest.logged("records handed back for lack of time")).toEqual([
      expect.objectContaining({ level: "WARN", sqs_message_ids: expect.arrayContaining([records[0]?.messageId]) }),
    ]);
    expect(underTest.metric("EventsRetried")).toBe(4);
    expect(underTest.metric("EventsOutOfTime")).toBe(4);
  });
});

describe("with an incomplete context, the handler", () => {
  const odd = [undefined, null, Number.NaN, "", "much", {}, -1, 0, Number.POSITIVE_INFINITY, 2 ** 32];

  it.each([...odd, "512 MB", 128])("stores events with a memoryLimitInMB of %p", async (memory) => {
    const context = { ...contextOf(5_000), memoryLimitInMB: memory as string };
    const { batchItemFailures } = await underTest.invoke([...goodRecords(3), recordOfEvent(NOT_JSON)], context);
    expect([batchItemFailures, underTest.aws.items.size, underTest.aws.letters.length]).toEqual([[], 3, 1]);
  });

  it.each(odd)("gives each record an outcome with a remaining time of %p", async (ms) => {
    const context = { ...contextOf(5_000), getRemainingTimeInMillis: () => ms as number };
    const records = [...goodRecords(3), recordOfEvent(NOT_JSON)];
    const { batchItemFailures } = await underTest.invoke(records, context);
    const ends = batchItemFailures.length + underTest.aws.items.size + underTest.aws.letters.length;
    expect(ends).toBe(records.length);
    if (Number.isNaN(Number(ms))) expect(batchItemFailures).toEqual([]);
  });

  it("stores events with an empty context", async () => {
    const { batchItemFailures } = await underTest.invoke(goodRecords(3), {} as Context);
    expect([batchItemFailures, underTest.aws.items.size]).toEqual([[], 3]);
  });
});

it("counts and logs events that are already expired when they are stored", async () => {
  const old = recordOf(envelopeOf("{}", { MessageId: "old", Timestamp: "1901-01-01T00:00:00.000Z" }));
  expect(await underTest.process([...goodRecords(1), old], 5_000)).toMatchObject({ stored: 2 });
  expect(underTest.metric("EventsExpired")).toBe(1);
  expect(underTest.logged("record stored after its expiry")).toEqual([
    expect.objectContaining({ level: "WARN", sns_message_id: "old", expires_at: expect.any(Number) }),
  ]);
});

it("stores events whose time is not readable under SNS's time, counts them, and logs the first ten", async () => {
  const unreadable = Array.from({ length: 25 }, (_, n) => recordOfEvent({ id: `u-${n}`, time: "2026-01-02T03:04:05" }));
  const readable = [{ time: 1_767_323_045 }, { time: "now", timestamp: 1_767_323_045 }, { time: null }, {}];
  const records = [...unreadable, ...readable.map(recordOfEvent), recordOfEvent({ type: "", time: "now" })];
  expect(await underTest.process(records, 5_000)).toMatchObject({ stored: 29, deadLettered: 1 });
  expect(underTest.metric("TimesUnreadable")).toBe(25);
  const lines = underTest.logged("event times not readable");
  expect(lines).toEqual([expect.objectContaining({ level: "WARN", count: 25 })]);
  const ids = unreadable.map(({ body }) => (JSON.parse(body) as { MessageId: string }).MessageId);
  expect(lines[0]?.times).toEqual(
    ids.slice(0, 10).map((sns_message_id) => ({ sns_message_id, member: "time", value: '"2026-01-02T03:04:05"' })),
  );
  const times = [...underTest.aws.items.values()].map(({ timestamp_id }) => String(timestamp_id?.S).split("#")[0]);
  const count = (time: string) => times.filter((one) => one === time).length;
  expect([count("2026-03-04T05:06:07.890Z"), count("2026-01-02T03:04:05.000Z")]).toEqual([27, 2]);
});

it("logs no time and counts none if every time is readable", async () => {
  await underTest.process(goodRecords(2), 5_000);
  expect([underTest.metric("TimesUnreadable"), underTest.logged("event times not readable")]).toEqual([0, []]);
});

it("returns when AWS does not respond and no time is left", async () => {
  underTest.aws.faults = [silence];
  const { batchItemFailures } = await underTest.invoke([...goodRecords(2), recordOfEvent(NOT_JSON)], {
    ...contextOf(0),
    getRemainingTimeInMillis: () => 0,
  });
  expect(batchItemFailures).toHaveLength(3);
});

it("logs nothing of an event's content", async () => {
  await underTest.process(
    [recordOfEvent({ type: "a", password: "hunter2" }), recordOfEvent(["hunter2".repeat(100)])],
    5_000,
  );
  const text = JSON.stringify(underTest.lines());
  expect(text.length).toBeLessThan(5_000);
  expect(text).not.toContain("password");
});

/** Returns the same text for bodies that are equivalent JSON. */
function meaningOf(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body; // Not JSON: only itself means the same.
  }
}

it("gives every record one outcome, and reports none as failed if AWS has no fault", async () => {
  const message = fc.oneof(
    fc.json(),
    unicodeText(),
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
      // An event has no item if a later event of the batch has the same key.
      const folded = Number(underTest.metric("DuplicatesFolded"));
      expect(letters.length + inTable.length + folded).toBe(records.length);
      // The batch's log lines list each record once, with its outcome.
      const ends = underTest
        .lines()
        .filter(({ message: line }) => String(line).startsWith("batch processed"))
        .flatMap((line) => line.ends as LoggedRecord[]);
      expect(ends.length).toBe(records.length);
      expect(ends.filter(({ end }) => end === "refused").length).toBe(letters.length);
      expect(
        new Set(ends.flatMap((end) => (end.end === "stored" ? [JSON.stringify(end.timestamp_id)] : []))).size,
      ).toBe(inTable.length);
      // The received body, or an equivalent one with escapes for characters that SQS refuses.
      const sent = bodies.map(meaningOf);
      for (const letter of underTest.aws.letters) expect(sent).toContain(meaningOf(String(letter.MessageBody)));
    }),
    { numRuns: 200, interruptAfterTimeLimit: 4_000 },
  );
});
