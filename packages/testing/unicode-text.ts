import fc from "fast-check";

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;
const LAST_CODE_POINT = 0x10ffff;

/** Any code point except surrogates. fast-check's own unit "binary" first lists all of them, which takes a second. */
const codePoint = fc.nat(LAST_CODE_POINT - SURROGATES).map(
  (index) => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES),
  (text) => {
    const value = typeof text === "string" ? (text.codePointAt(0) ?? Number.NaN) : Number.NaN;
    if (!(String.fromCodePoint(value) === text && text.isWellFormed())) throw new Error("It is not a code point.");
    return value < FIRST_SURROGATE ? value : value - SURROGATES;
  },
);

/** Generates text with any characters of Unicode. */
export function unicodeText(constraints: Omit<fc.StringSharedConstraints, "size"> = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint });
}
