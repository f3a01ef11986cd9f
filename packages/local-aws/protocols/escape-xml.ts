/**
 * Escapes text for XML. Control characters, which XML 1.0 excludes, become
 * references too: AWS writes them so, and its SDKs read them.
 */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are escaped.
  return text.replace(/[<>&"'\u0000-\u001f\u007f]/g, (character) => `&#${character.charCodeAt(0)};`);
}
