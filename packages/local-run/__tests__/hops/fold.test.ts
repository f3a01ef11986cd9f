import fc from "fast-check";
import { columnsOf, fold } from "../../hops/fold";

const INDENT = 2;
const word = fc.string({ unit: fc.constantFrom("a", "/", "é", "e\u0301", "漢", "🙂"), minLength: 1, maxLength: 200 });
const sentence = fc.array(word, { maxLength: 30 }).map((words) => words.join(" "));
const columns = fc.integer({ min: 20, max: 200 });

test("no line is longer than there are columns, and nothing but spaces is added or lost", () => {
  fc.assert(
    fc.property(sentence, columns, (text, max) => {
      const lines = fold(text, max, INDENT);
      expect(lines.filter((line) => columnsOf(line) > max)).toEqual([]);
      expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    }),
  );
});

test("a word that fits on a line is never broken", () => {
  fc.assert(
    fc.property(sentence, columns, (text, max) => {
      const words = text.split(" ").filter((one) => one !== "" && columnsOf(one) <= max - INDENT);
      const onLines = fold(text, max, INDENT).flatMap((line) => line.trim().split(" "));
      expect(words.filter((one) => !onLines.includes(one))).toEqual([]);
    }),
  );
});

test("text that fits is one line, with its own indent", () => {
  expect(fold("  as  it is", 20, INDENT)).toEqual(["  as  it is"]);
  expect(fold("", 20, INDENT)).toEqual([""]);
});

test("a long word is broken after a slash, where the line is more than half full", () => {
  expect(fold("object=s3://bucket/folder/name.gz", 28, INDENT)).toEqual(["object=s3://bucket/folder/", "  name.gz"]);
});

test("wide characters take two columns, marks none", () => {
  expect(columnsOf("漢字e\u0301🙂")).toBe(7);
});
