import fc from "fast-check";
import { oneLineJson, prettyJson } from "../../page/json-text";

const texts = fc.oneof(
  fc.json({ maxDepth: 5 }),
  fc.json({ maxDepth: 3 }).map((text) => JSON.stringify(JSON.parse(text), null, 3)),
);

test("whatever the JSON, it means the same on many lines and on one", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(JSON.parse(prettyJson(text))).toEqual(JSON.parse(text));
      expect(JSON.parse(oneLineJson(text) ?? "")).toEqual(JSON.parse(text));
      expect(oneLineJson(text)).not.toMatch(/[\r\n]/);
    }),
  );
});

test("on lines of its own it reads as JSON.stringify would write it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test("numbers stay as they were written", () => {
  const text = '{"counter":12345678901234567890,"value":1.0,"tiny":1E-400}';
  expect(prettyJson(text)).toContain("12345678901234567890");
  expect(oneLineJson(text)).toBe(text);
});

test("what is no JSON stays as it is", () => {
  expect(prettyJson('{"type": "cut off')).toBe('{"type": "cut off');
  expect(oneLineJson("{")).toBeUndefined();
});

test("a text that is as deep as SNS takes is set out", () => {
  const depth = 131_000;
  const text = "[".repeat(depth) + "]".repeat(depth);
  expect(prettyJson(text).replace(/\s/g, "")).toBe(text);
});
