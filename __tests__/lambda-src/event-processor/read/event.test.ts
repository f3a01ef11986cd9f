import fc from "fast-check";
import { eventIdOf, eventTimeOf, eventTypeOf, parseEvent } from "../../../../lambda-src/event-processor/read/event";

const idOf = (event: object | string) =>
  eventIdOf(parseEvent(typeof event === "string" ? event : JSON.stringify(event)));
const timeOf = (event: object) => eventTimeOf(parseEvent(JSON.stringify(event)))?.toISOString();

describe("parseEvent", () => {
  it.each([
    ["NOT_JSON", "{", "The message is not JSON: "],
    ["NOT_JSON", "", "The message is not JSON: "],
    ["NOT_JSON", '{"a": 01}', "The message is not JSON: "],
    ["NOT_JSON", "\uFEFF\uFEFF{}", "The message is not JSON: "],
    ["NOT_JSON", '{"a": 1} // comment', "The message is not JSON: "],
    ["NOT_AN_OBJECT", "[1]", "no object: [1]"],
    ["NOT_AN_OBJECT", "null", "no object: null"],
    ["NOT_AN_OBJECT", '"text"', 'no object: "text"'],
    ["NOT_AN_OBJECT", `["${"x".repeat(9_999)}"]`, `no object: ["${"x".repeat(97)}…`],
  ])("refuses with %s: %s", (code, message, expected) => {
    expect(() => parseEvent(message)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(expected) }),
    );
  });

  it("leaves out one byte order mark", () => {
    expect(parseEvent('\uFEFF{"a":1}').text).toBe('{"a":1}');
  });
});

describe("the type of an event", () => {
  const typeOf = (message: string) => eventTypeOf(parseEvent(message));

  it.each([
    ['{"type": "scan.done"}', "scan.done"],
    ["{}", "unknown"],
    ['{"type": "a", "type": "b"}', "b"],
    ['{"type": "\\ud83d\\ude00"}', "\u{1F600}"],
    ['{"__proto__": {"type": "a"}}', "unknown"],
  ])("of %s is %s", (message, type) => {
    expect(typeOf(message)).toBe(type);
  });

  it.each([
    ['""', '""'],
    ["null", "null"],
    ["7.50", "7.50"],
    ["true", "true"],
    ["[]", "an array"],
    ["{}", "an object"],
    ['"\\ud83d"', '"\\ud83d"'],
  ])("cannot be %s", (type, quoted) => {
    expect(() => typeOf(`{"type": ${type}}`)).toThrow(
      expect.objectContaining({
        code: "INVALID_TYPE",
        message: `The event's type is ${quoted}; it must be a non-empty string of whole Unicode characters, or absent.`,
      }),
    );
  });
});

describe("the time of an event", () => {
  const [A, B] = ["2026-01-02T03:04:05.000Z", "2025-01-02T03:04:05.000Z"];

  it.each([
    [{ time: A, timestamp: B }, A],
    [{ timestamp: B }, B],
    [{ time: "yesterday", timestamp: B }, B],
    [{ time: 1_700_000_000, timestamp: B }, B],
    [{ time: "yesterday" }, undefined],
    [{}, undefined],
  ])("of %j is %s", (event, expected) => {
    expect(timeOf(event)).toBe(expected);
  });
});

describe("the id of an event", () => {
  it.each([
    [{ id: "a" }, "a"],
    [{ id: "a", source: "s" }, "s|a"],
    [{ id: "a", source: "" }, "a"],
    [{ id: "a", source: 7 }, "a"],
    [{ id: "a|b" }, "a%7Cb"],
    [{ id: "100%" }, "100%25"],
    [{ id: "" }, undefined],
    [{ id: null }, undefined],
    [{ id: ["a"] }, undefined],
    [{}, undefined],
    ['{"id": "\\ud83dx"}', "%uD83Dx"],
    ['{"id": 12345678901234567890}', "12345678901234567890"],
    ['{"id": 1.0}', "1.0"],
    ['{"id": -1E+2}', "-1E+2"],
  ])("of %j is %j", (event, expected) => {
    expect(idOf(event)).toBe(expected);
  });

  it("differs where source or id does", () => {
    const part = fc.string({
      unit: fc.constantFrom("a", "|", "%", "7", "C", "2", "5", "u", "\uD83D", "\uDE00"),
      minLength: 1,
      maxLength: 5,
    });
    const parts = fc.record({ id: part, source: part }, { requiredKeys: ["id"] });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const same = one.id === other.id && one.source === other.source;
        expect(idOf(one) === idOf(other)).toBe(same);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is hashed where it would not fit into the sort key", () => {
    expect(idOf({ id: "x".repeat(999) })).toBe("x".repeat(999));
    expect(idOf({ id: "x".repeat(1_000) })).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(idOf({ id: "ä".repeat(500) })).toMatch(/^sha256:/);
    expect(idOf({ id: "x".repeat(1_000) })).not.toBe(idOf({ id: "x".repeat(1_001) }));
  });
});
