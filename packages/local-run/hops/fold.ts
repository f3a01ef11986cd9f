/** Characters that take two columns of a terminal: East Asian wide characters and emoji. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
/** Combining marks, which take no column. */
const COMBINING = /[\p{Mn}\p{Me}]/u;

/** Minimum line width. Narrower terminals wrap the lines themselves. */
const MIN_COLUMNS = 20;

/** Returns the number of columns that printable text takes in a terminal. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

/**
 * Folds text into lines of at most `maxColumns` columns, between words. A word that is longer than a line is split, if
 * possible after a slash.
 *
 * @param indent - Indentation of each line after the first, in columns.
 */
export function fold(text: string, maxColumns: number, indent: number): string[] {
  const limit = Math.max(maxColumns, MIN_COLUMNS);
  const margin = " ".repeat(indent);
  const lines: string[] = [];
  let line = "";
  for (const [, spaces = "", word = ""] of text.matchAll(/( *)([^ ]+)/g)) {
    const longer = line + spaces + word;
    if (columnsOf(longer) <= limit) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = split((line === "" && lines.length === 0 ? spaces : margin) + word, limit, margin);
    line = pieces.pop() ?? "";
    lines.push(...pieces);
  }
  return [...lines, line];
}

/** Splits a word that starts with its margin into pieces of at most `limit` columns. Each piece starts with the margin. */
function split(word: string, limit: number, margin: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  let columns = 0;
  for (const character of word) {
    const more = columnsOf(character);
    if (columns + more > limit) {
      const slash = piece.lastIndexOf("/") + 1;
      // A break far to the left would produce too many lines.
      const end = slash > piece.length / 2 ? slash : piece.length;
      pieces.push(piece.slice(0, end));
      piece = margin + piece.slice(end);
      columns = columnsOf(piece);
    }
    piece += character;
    columns += more;
  }
  return [...pieces, piece];
}
