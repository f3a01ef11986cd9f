import fc from "fast-check";

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;
const LAST_CODE_POINT = 0x10ffff;

/** Generates any code point except surrogates. fast-check's unit "binary" takes a second to list them all. */
const codePoint = fc.nat(LAST_CODE_POINT - SURROGATES).map(
  (index) => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES),
  (text) => {
    const value = typeof text === "string" ? (text.codePointAt(0) ?? Number.NaN) : Number.NaN;
    if (!(String.fromCodePoint(value) === text && text.isWellFormed())) throw new Error("Not a code point.");
    return value < FIRST_SURROGATE ? value : value - SURROGATES;
  },
);

/** Generates texts of any Unicode characters. */
export function unicodeText(constraints: Omit<fc.StringSharedConstraints, "size"> = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint });
}
