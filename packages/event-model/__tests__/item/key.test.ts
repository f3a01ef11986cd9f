import { itemOf, itemOfEvent } from "@event-pipeline/testing/items";
import fc from "fast-check";

const RECEIVED = "2026-03-04T05:06:07.890Z";
const TIME = "2026-01-02T03:04:05.000Z";
const DIGEST = /^[\w-]{22}$/;

const keyOf = (event: unknown, messageId?: string) => {
  const { event_type, timestamp_id } = itemOfEvent(event, 90, messageId);
  return JSON.stringify([event_type, timestamp_id]);
};

describe("an event's key", () => {
  it("has SNS's time and MessageId if the event has no time and ID", () => {
    expect(itemOfEvent("{}")).toMatchObject({
      event_type: "unknown",
      timestamp_id: `${RECEIVED}#m-1`,
      event_id: "m-1",
    });
  });

  it.each([
    ['{"id": "a"}', "a", "a"],
    ['{"id": "a", "source": "s"}', "a", "a"],
    ['{"id": "a", "source": {"host": 1}}', "a", "a"],
    ['{"id": "a|b %20"}', "a|b %20", "a|b %20"],
    ['{"id": "a#b"}', "a#b", "a%23b"],
    ['{"id": "\\ud83dx"}', "\uFFFDx", "\uFFFDx"],
    ['{"id": 12345678901234567890}', "12345678901234567890", "12345678901234567890"],
    ['{"id": 1.0}', "1.0", "1.0"],
    ['{"id": -1E+2}', "-1E+2", "-1E+2"],
  ])("with %s has the ID as published, and a digest of the text", (event, id, part) => {
    const { event_id, timestamp_id } = itemOfEvent(event);
    expect(event_id).toBe(id);
    const [time, written, digest, ...rest] = timestamp_id.split("#");
    expect([time, written, rest]).toEqual([RECEIVED, part, []]);
    expect(digest).toMatch(DIGEST);
  });

  it.each([['{"id": ""}'], ['{"id": null}'], ['{"id": ["a"]}'], ['{"id": {}}'], ['{"id": true}']])(
    "with %s, which is not a valid ID, has the MessageId",
    (event) => {
      expect(itemOfEvent(event)).toMatchObject({ event_id: "m-1", timestamp_id: `${RECEIVED}#m-1` });
    },
  );

  it("stays within DynamoDB's 1,024 bytes, for an ID of any length", () => {
    const id = (length: number) => itemOfEvent({ id: "x".repeat(length) });
    expect(Buffer.byteLength(id(976).timestamp_id)).toBe(1_024);
    expect(id(976).event_id).toBe("x".repeat(976));
    expect(id(977).event_id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(id(977).timestamp_id).toContain(`#${id(977).event_id}#`);
    expect(id(977).event_id).not.toBe(id(978).event_id);
    expect(itemOfEvent({ id: "ä".repeat(489) }).event_id).toMatch(/^sha256:/);
    expect(itemOfEvent({ id: "#".repeat(326) }).event_id).toMatch(/^sha256:/);
  });

  it("refuses a type that is longer than a partition key's 2,048 bytes", () => {
    expect(itemOfEvent({ type: "x".repeat(2_048) }).event_type).toHaveLength(2_048);
    expect(() => itemOfEvent({ type: `${"x".repeat(2_047)}ä` })).toThrow(
      expect.objectContaining({ code: "KEY_TOO_LONG", message: expect.stringContaining("takes 2049 bytes") }),
    );
  });
});

describe("two events", () => {
  it.each([
    ["a status that changed within one millisecond", { id: "1", status: "open" }, { id: "1", status: "closed" }],
    ["two agents that count from 1", { id: 1, agent: "a" }, { id: 1, agent: "b" }],
    ["sources that are objects", { id: 1, source: { a: 1 } }, { id: 1, source: { a: 2 } }],
    ["sources that are numbers", { id: 1, source: 1 }, { id: 1, source: 2 }],
    ["IDs 1 and '1'", { id: 1 }, { id: "1" }],
    [
      "times that differ by less than a millisecond",
      { id: 1, time: "2026-01-02T03:04:05.0001Z" },
      { id: 1, time: "2026-01-02T03:04:05.0002Z" },
    ],
    ["a leap second", { id: 1, time: "2016-12-31T23:59:60Z" }, { id: 1, time: "2017-01-01T00:00:00Z" }],
    ["lone surrogates in IDs", '{"id":"\\ud83d"}', '{"id":"\\ud83e"}'],
    ["lone surrogates in texts", '{"id":1,"a":"\ud83d"}', '{"id":1,"a":"\ud83e"}'],
  ])("with %s have different keys", (_, one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it("have different keys if one's ID is the other's MessageId", () => {
    expect(keyOf({ id: "m-1" }, "m-2")).not.toBe(keyOf({}, "m-1"));
  });

  /** IDs that could be confused with each other and with parts of a key. */
  const id = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "#", "%", "2", "3", "|", "\uD83D", "\uDE00"), maxLength: 4 }),
    fc.constantFrom("m-1", "m-2", "m-1#", `${TIME}#m-1`, `a#${"A".repeat(22)}`),
    // One character in two normal forms, and digits that look alike.
    fc.constantFrom("\u00e9", "e\u0301", "1", "\uff11", "1.0", "01"),
    fc.nat(2),
  );
  const event = fc
    .record(
      {
        type: fc.constantFrom("a", "a#", "b"),
        id,
        source: fc.constantFrom("s", "s|a", 1, { a: 1 }),
        // One instant in many formats, and times that are truncated to it.
        time: fc.constantFrom(
          TIME,
          "2026-01-02T03:04:05Z",
          "2026-01-02T03:04:05.0004Z",
          "2026-01-02t04:04:05+01:00",
          "2026-01-02T03:03:60Z",
          "2026-01-01T24:00:00Z",
        ),
        status: fc.constantFrom("open", "closed"),
      },
      { requiredKeys: [] },
    )
    .chain((fields) =>
      // The same value in one of two formats.
      fc.constantFrom(JSON.stringify(fields), JSON.stringify(fields, undefined, 1)),
    );
  const messageId = fc.constantFrom("m-1", "m-2");
  const publication = fc.record({ event, messageId });
  const hasId = (text: string) => !["", undefined].includes((JSON.parse(text) as { id?: string }).id);

  it("have the same key only if they have the same text with an ID, or are the same message", () => {
    fc.assert(
      fc.property(publication, publication, fc.boolean(), (one, another, isRepeated) => {
        const other = isRepeated ? { ...another, event: one.event } : another;
        const isSameText = one.event === other.event;
        const isSameMessage = one.messageId === other.messageId;
        // Messages with the same MessageId have the same text. (All have the same time here.)
        fc.pre(isSameText || !isSameMessage);
        const isSame = isSameText && (isSameMessage || hasId(one.event));
        return (keyOf(one.event, one.messageId) === keyOf(other.event, other.messageId)) === isSame;
      }),
      { numRuns: 10_000 },
    );
  });

  it("without a time have SNS's time, so each publication of the same text is an item", () => {
    const [first, second] = ["2026-03-04T05:06:07.890Z", "2026-03-04T05:06:07.891Z"].map((timestamp) =>
      itemOf({ messageId: "m-1", message: '{"id":"1"}', timestamp: new Date(timestamp) }),
    );
    expect(first?.timestamp_id).not.toBe(second?.timestamp_id);
  });

  it("with their own IDs have no key that is a prefix of the other", () => {
    const withId = event.filter(hasId);
    fc.assert(
      fc.property(withId, withId, (one, other) => {
        const [a, b] = [one, other].map((text) => itemOfEvent(text).timestamp_id) as [string, string];
        return a === b || !a.startsWith(b);
      }),
      { numRuns: 5_000 },
    );
  });
});
