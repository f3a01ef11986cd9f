import fc from "fast-check";
import { prettyJson } from "../../page/json-text";

const texts = fc.oneof(
  fc.json({ maxDepth: 5 }),
  fc.json({ maxDepth: 3 }).map((text) => JSON.stringify(JSON.parse(text), null, 3)),
);

test("adds line breaks without changing the JSON's value", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(JSON.parse(prettyJson(text))).toEqual(JSON.parse(text));
    }),
  );
});

test("indents like JSON.stringify", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test("keeps numbers as written", () => {
  const text = '{"counter":12345678901234567890,"value":1.0,"tiny":1E-400}';
  expect(prettyJson(text)).toContain("12345678901234567890");
});

test("does not format text that is not JSON", () => {
  expect(prettyJson('{"type": "cut off')).toBe('{"type": "cut off');
});

test("indents the deepest text that SNS accepts", () => {
  const depth = 131_000;
  const text = "[".repeat(depth) + "]".repeat(depth);
  expect(prettyJson(text).replace(/\s/g, "")).toBe(text);
});
