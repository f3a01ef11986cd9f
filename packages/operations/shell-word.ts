/**
 * Returns a text as one word of a command for a POSIX shell.
 *
 * @example
 * shellWord("it's"); // 'it'\\''s'
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
