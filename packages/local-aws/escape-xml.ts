/**
 * A text as XML holds it. Characters that XML 1.0 cannot hold at all come as
 * references too, which is what AWS writes, and what its SDKs read.
 */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is escaped.
  return text.replace(/[<>&"'\u0000-\u001f\u007f]/g, (character) => `&#${character.charCodeAt(0)};`);
}
