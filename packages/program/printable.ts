/** What is no glyph or moves others: controls (ESC, line ends), formats (bidi controls), separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Most lines are: one quick look at them is enough. */
const IS_PRINTABLE_ASCII = /^[ -~]*$/;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

/**
 * Text of anyone's, as one line that a terminal only shows: what is not
 * printable is an escape such as `\n`, `\u001b` or `\u{e0001}`.
 */
export function printable(text: string): string {
  if (IS_PRINTABLE_ASCII.test(text)) return text;
  return text.replace(UNPRINTABLE, (character) => SHORT_ESCAPES[character] ?? unicodeEscape(character));
}

function unicodeEscape(character: string): string {
  const hex = Number(character.codePointAt(0)).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}

/** Beyond what `JSON.stringify` escapes; in JSON such characters stand in strings only. */
const UNPRINTABLE_IN_JSON = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The same JSON on one line, with escapes for what is not printable. */
export function printableJson(json: string): string {
  if (IS_PRINTABLE_ASCII.test(json)) return json;
  // Between values JSON may have these, within strings only as escapes.
  return json
    .replace(/[\t\n\r]/g, " ")
    .replace(UNPRINTABLE_IN_JSON, (character) =>
      Array.from({ length: character.length }, (_, index) => jsonEscape(character.charCodeAt(index))).join(""),
    );
}

function jsonEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
