import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { printable, printableJson } from "../printable";

const HOSTILE = ["\u001b[2J", "\r", "\n", "\u0007", "\u009b31m", "\u2028", "\u2029", "\u202e", "\u200f", "\u0000"];
const text = fc.array(fc.oneof(unicodeText(), fc.constantFrom(...HOSTILE, "\ud800"))).map((all) => all.join(""));
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test("printable returns no character that ends a line, moves the cursor or reverses text", () => {
  fc.assert(fc.property(text, (any) => !UNPRINTABLE.test(printable(any))));
});

test("printable leaves printable text unchanged", () => {
  const printableText = text.filter((any) => !UNPRINTABLE.test(any));
  fc.assert(fc.property(printableText, (any) => printable(any) === any));
});

test("printable uses JSON's escapes, and \\u{…} above U+FFFF", () => {
  expect(printable('a\nb\tc\u001b[31m\u202e"é🙂\u2028')).toBe('a\\nb\\tc\\u001b[31m\\u202e"é🙂\\u2028');
  expect(printable("\u{e0001}")).toBe("\\u{e0001}");
});

test("printableJson returns equivalent JSON on one printable line", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(undefined, "\t", "\r\n"), (value, space) => {
      const json = JSON.stringify(value, undefined, space).replaceAll("\n", "\r\n");
      const line = printableJson(json);
      expect(line).not.toMatch(UNPRINTABLE);
      expect(JSON.parse(line)).toEqual(JSON.parse(json));
    }),
  );
});
