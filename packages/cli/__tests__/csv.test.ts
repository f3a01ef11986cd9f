import { printable } from "@event-pipeline/node-process/printable";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { csvLine } from "../events/list";

const BEGINNINGS = [
  "=",
  "+",
  "-",
  "@",
  "\t",
  "\r",
  "\n",
  "\u0000",
  "\u001b",
  "\ufeff",
  "\u202e",
  " ",
  "\u00a0",
  "\u3000",
  "＝",
  "＋",
  "－",
  "＠",
  "'",
  '"',
];
const field = fc
  .tuple(fc.constantFrom("", ...BEGINNINGS), fc.constantFrom("", ...BEGINNINGS), unicodeText())
  .map((parts) => parts.join(""));

/** Parses a line of CSV as a spreadsheet does. */
function cellsOf(line: string): string[] {
  // The regular expression requires a comma before each cell.
  const cells = [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/g)];
  expect(cells.map(([text]) => text).join("")).toBe(`,${line}`);
  return cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? String(plain));
}

test("escapes control characters and formulas, and keeps other text", () => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 2, maxLength: 7 }), (fields) => {
      const cells = cellsOf(csvLine(fields));
      expect(cells).toHaveLength(fields.length);
      expect(cells.filter((cell) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|^\s*[=+\-@＝＋－＠]/u.test(cell))).toEqual([]);
      const texts = fields.map((text) => printable(String(text)));
      expect(cells.map((cell, index) => (cell === `'${texts[index]}` ? texts[index] : cell))).toEqual(texts);
    }),
    { numRuns: 2_000 },
  );
});

test("leaves numbers and plain text unchanged", () => {
  expect(csvLine(["finding.new", "a=b", 1_800_000_000, -1, undefined, 'say "x", y'])).toBe(
    'finding.new,a=b,1800000000,-1,,"say ""x"", y"',
  );
});
