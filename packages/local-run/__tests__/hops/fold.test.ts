import fc from "fast-check";
import { columnsOf, fold } from "../../hops/fold";

const INDENT = 2;
const word = fc.string({ unit: fc.constantFrom("a", "/", "é", "e\u0301", "漢", "🙂"), minLength: 1, maxLength: 200 });
const sentence = fc.array(word, { maxLength: 30 }).map((words) => words.join(" "));
const columns = fc.integer({ min: 20, max: 200 });

test("folds lines to the number of columns, and changes only spaces", () => {
  fc.assert(
    fc.property(sentence, columns, (text, max) => {
      const lines = fold(text, max, INDENT);
      expect(lines.filter((line) => columnsOf(line) > max)).toEqual([]);
      expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    }),
  );
});

test("splits no word that fits on a line", () => {
  fc.assert(
    fc.property(sentence, columns, (text, max) => {
      const words = text.split(" ").filter((one) => one !== "" && columnsOf(one) <= max - INDENT);
      const onLines = fold(text, max, INDENT).flatMap((line) => line.trim().split(" "));
      expect(words.filter((one) => !onLines.includes(one))).toEqual([]);
    }),
  );
});

test("keeps text that fits, with its indentation", () => {
  expect(fold("  as  it is", 20, INDENT)).toEqual(["  as  it is"]);
  expect(fold("", 20, INDENT)).toEqual([""]);
});

test("splits a long word after a slash in the second half of the line", () => {
  expect(fold("object=s3://bucket/folder/name.gz", 28, INDENT)).toEqual(["object=s3://bucket/folder/", "  name.gz"]);
});

test("counts two columns for wide characters and none for marks", () => {
  expect(columnsOf("漢字e\u0301🙂")).toBe(7);
});
