/** Matches characters that a terminal does not show, or that `printable` would escape in a printed command. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * Returns a text as one word of a command for bash and zsh. Without unprintable characters, it is a word for every POSIX
 * shell.
 *
 * @param text - Must be usable as an argument: see `isArgument`.
 * @example
 * shellWord("it's"); // 'it'\\''s'
 * shellWord("two\nlines"); // $'two\\012lines'
 */
export function shellWord(text: string): string {
  // zsh replaces =name with the path of a command.
  if (/^(?!=)[\w@%+=:,./-]+$/.test(text)) return text;
  return UNPRINTABLE.test(text) ? `$'${escaped(text)}'` : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns whether a text can be an argument of a command. No argument contains NUL or half a character. */
export function isArgument(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

function escaped(text: string): string {
  return Array.from(text, (character) => {
    if (character === "'" || character === "\\") return `\\${character}`;
    if (!UNPRINTABLE.test(character)) return character;
    const bytes = new TextEncoder().encode(character);
    return Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  }).join("");
}
