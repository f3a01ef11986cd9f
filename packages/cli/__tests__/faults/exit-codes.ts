import { readFileSync } from "node:fs";

/** Returns the rows of the table in docs/operations.md that begins with this header. */
function rowsOf(header: string): string[][] {
  const [, table = ""] = readFileSync("docs/operations.md", "utf8").split(`\n| ${header} |`);
  const [head = ""] = table.split("\n\n", 1);
  return head
    .split("\n")
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()));
}

/** The exit codes that docs/operations.md lists. */
export const EXIT_CODES: readonly number[] = rowsOf("exit code").map(([, code]) => Number(code));

/**
 * Returns the exit codes that docs/operations.md gives for an event that prevents a part of the work.
 *
 * @param what - Matches the event in the first column.
 * @param hasBegun - True if a part of the work was done before.
 */
export function exitCodesAfter(what: RegExp, hasBegun: boolean): number[] {
  const rows = rowsOf("what happens").filter(([, event = ""]) => what.test(event));
  if (rows.length !== 1) throw new Error(`${rows.length} rows of the table of exit codes match ${what}.`);
  const [[, , before = "", after = ""] = []] = rows;
  return [...(hasBegun ? after : `${before} ${after}`).matchAll(/\d+/g)].map(Number);
}
