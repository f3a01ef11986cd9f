import { eventTypeOf, parseEvent } from "../event";

describe("parseEvent", () => {
  it.each([
    ["NOT_JSON", "{", "The message is not JSON: it ends at character 2, where JSON has a name or }"],
    ["NOT_JSON", "", "The message is not JSON: it ends at character 1, where JSON has a value"],
    ["NOT_JSON", '{"a": 01}', 'The message is not JSON: it has "1}" at character 8, where JSON has a comma or }'],
    ["NOT_JSON", "\uFEFF\uFEFF{}", "The message is not JSON: "],
    ["NOT_JSON", '{"a": 1} // comment', 'The message is not JSON: it has "// comment" at character 10'],
    ["NOT_AN_OBJECT", "[1]", "no object: [1]"],
    ["NOT_AN_OBJECT", "null", "no object: null"],
    ["NOT_AN_OBJECT", '"text"', 'no object: "text"'],
    ["NOT_AN_OBJECT", `["${"x".repeat(9_999)}"]`, `no object: ["${"x".repeat(97)}…`],
  ])("refuses with %s: %s", (code, message, expected) => {
    expect(() => parseEvent({ message })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(expected) }),
    );
  });

  it("removes one byte order mark", () => {
    expect(parseEvent({ message: '\uFEFF{"a":1}' }).text).toBe('{"a":1}');
  });
});

describe("the type of an event", () => {
  const typeOf = (message: string) => eventTypeOf(parseEvent({ message }));
  const wide = `"a":[${Array(20_000).fill("0").join(",")}]`;

  it.each([
    ['{"type": "scan.done"}', "scan.done"],
    ["{}", "unknown"],
    ['{"type": "a", "type": "b"}', "b"],
    ['{"type": "\\ud83d\\ude00"}', "\u{1F600}"],
    ['{"__proto__": {"type": "a"}}', "unknown"],
    ['{"data": {"type": "a"}}', "unknown"],
    [`{"type": "before", ${wide}}`, "before"],
    [`{${wide}, "type": "behind"}`, "behind"],
    [`{"type": ["a"], ${wide}, "type": "last"}`, "last"],
  ])("from %.40s is %s", (message, type) => {
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
