/** Matches control characters, format characters, line and paragraph separators, and lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Matches most texts, and is faster than the replacement. */
const IS_PRINTABLE_ASCII = /^[ -~]*$/;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

/**
 * Returns untrusted text on one line, without characters that control a terminal.
 * Unprintable characters become escapes such as `\n`, `\u001b` or `\u{e0001}`.
 *
 * @example
 * printable("a\u001b[31m"); // "a\\u001b[31m"
 */
export function printable(text: string): string {
  if (IS_PRINTABLE_ASCII.test(text)) return text;
  return text.replace(UNPRINTABLE, (character) => SHORT_ESCAPES[character] ?? unicodeEscape(character));
}

function unicodeEscape(character: string): string {
  const hex = Number(character.codePointAt(0)).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}

/** Matches unprintable characters that JSON allows in strings without an escape. */
const UNPRINTABLE_IN_JSON = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Returns equivalent JSON on one line, with escapes for unprintable characters. */
export function printableJson(json: string): string {
  if (IS_PRINTABLE_ASCII.test(json)) return json;
  // JSON allows unescaped tabs and line breaks only between tokens.
  return json
    .replace(/[\t\n\r]/g, " ")
    .replace(UNPRINTABLE_IN_JSON, (character) =>
      Array.from({ length: character.length }, (_, index) => jsonEscape(character.charCodeAt(index))).join(""),
    );
}

function jsonEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
