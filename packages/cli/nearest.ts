/** Sorts texts by the number of edits that turn them into `text`, the nearest first. */
export function nearestFirst(text: string, others: readonly string[]): string[] {
  const edits = new Map(others.map((other) => [other, editsBetween(text, other)]));
  return [...others].sort((one, other) => Number(edits.get(one)) - Number(edits.get(other)));
}

/** The maximum number of texts that `listNearest` names. */
export const MAX_LISTED = 10;

/** Lists the nearest texts, and how many more there are: `a, b, and 2 more`. */
export function listNearest(text: string, others: readonly string[]): string {
  const more = others.length > MAX_LISTED ? `, and ${others.length - MAX_LISTED} more` : "";
  return `${nearestFirst(text, others).slice(0, MAX_LISTED).join(", ")}${more}`;
}

/** Returns the Levenshtein distance: insertions, deletions and replacements of one character. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, character] of [...one].entries()) {
    let left = index + 1;
    const next = [left];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = Number(row[column - 1]) + (character === other[column - 1] ? 0 : 1);
      left = Math.min(replaced, Number(row[column]) + 1, left + 1);
      next.push(left);
    }
    row = next;
  }
  return Number(row.at(-1));
}
