import fc from "fast-check";
import { parseFilterPattern } from "../../logs/filter-pattern";
import { NotSupported } from "../../protocols/invalid-input";

const quoted = (term: string) => `"${term.replace(/["\\]/g, "\\$&")}"`;
/** Uses few letters, so that terms often match, and the special characters of patterns. */
const term = fc.string({ unit: fc.constantFrom(...'ab?-"\\{}[]%* é'), minLength: 1, maxLength: 4 });
const line = fc.string({ unit: fc.constantFrom(...'ab?-"\\{}[]%* é'), maxLength: 12 });

test("requires all quoted phrases, and excludes lines with a phrase after -", () => {
  fc.assert(
    fc.property(fc.array(term), fc.array(term), line, (required, excluded, message) => {
      const pattern = [...required.map(quoted), ...excluded.map((text) => `-${quoted(text)}`)].join(" ");
      const expected =
        required.every((text) => message.includes(text)) && !excluded.some((text) => message.includes(text));
      expect(parseFilterPattern(pattern)(message)).toBe(expected);
    }),
  );
});

test("requires at least one of the phrases after ?", () => {
  fc.assert(
    fc.property(fc.array(term, { minLength: 1 }), line, (optional, message) => {
      const pattern = optional.map((text) => `?${quoted(text)}`).join("  ");
      expect(parseFilterPattern(pattern)(message)).toBe(optional.some((text) => message.includes(text)));
    }),
  );
});

test.each([
  ["", "anything", true],
  ["  ", "anything", true],
  ["ERROR", "[ERROR 401] refused", true],
  ["ERROR", "error", false],
  ["ERROR 401", "[ERROR 401] refused", true],
  ["ERROR 402", "[ERROR 401] refused", false],
  ["ERROR -refused", "[ERROR 401] refused", false],
  ["?WARN ?ERROR", "[ERROR 401] refused", true],
  ["?WARN ?INFO", "[ERROR 401] refused", false],
  ['"2f6c-0a"', "id 2f6c-0a", true],
  ['{ $.level = "ERROR" }', '{"level":"ERROR"}', true],
  ['{$.level="ERROR"}', '{"level":"ERROR"}', true],
  ['{ $.level = "ERROR" }', '{"level":"INFO"}', false],
  ['{ $.level = "ERROR" }', '"level":"ERROR"', false],
  ['{ $.a.b = "c" }', '{"a":{"b":"c"}}', true],
  ['{ $.a.b = "c" }', '{"a":["b"]}', false],
  ["{ $.n = 7 }", '{"n":7}', true],
  ["{ $.n = 7 }", '{"n":"7"}', false],
  ['{ $.constructor.name = "Object" }', "{}", false],
])("pattern %s matches %s: %s", (pattern, message, expected) => {
  expect(parseFilterPattern(pattern)(message)).toBe(expected);
});

test.each([
  "2f6c-0a",
  "ERROR*",
  "%regex%",
  "[ip, user]",
  'open "phrase',
  "ERROR ?WARN",
  '{ $.level = "ERR*" }',
  '{ $.level != "ERROR" }',
  "{ $.n > 7 }",
  '{ ($.a = "b") && ($.c = "d") }',
  '{ $.level = "ERROR" } more',
  "{}",
])("rejects the unsupported pattern %s", (pattern) => {
  expect(() => parseFilterPattern(pattern)).toThrow(NotSupported);
});

test("rejects a pattern of 1,025 characters", () => {
  const parse = () => parseFilterPattern("x".repeat(1_025));
  expect(parse).toThrow(expect.objectContaining({ code: "InvalidParameterException" }));
});
