import { JsonNumber, type JsonValue } from "@event-pipeline/event-model/json";
import fc from "fast-check";

/** A JSON value with its text. Objects are lists of members, so that keys can repeat. */
export type Written =
  | { readonly kind: "literal"; readonly text: string; readonly value: null | boolean }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly text: string; readonly value: string }
  | { readonly kind: "array"; readonly elements: readonly Written[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [Written & { kind: "string" }, Written])[] };

const digits = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength }).map((list) => list.join(""));

/** Generates numbers of any length and magnitude, as JSON text. */
export const numberText = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof({ weight: 3, arbitrary: digits(1, 5) }, digits(1, 45)).map((text) => text.replace(/^0+(?=\d)/, "")),
    fc.option(fc.oneof(digits(1, 4), digits(1, 45)), { nil: undefined, freq: 2 }),
    fc.option(fc.tuple(fc.constantFrom("e", "E", "e+", "e-"), fc.integer({ min: 0, max: 140 })), { freq: 4 }),
  )
  .map(([sign, integer, fraction, power]) =>
    [sign, integer, fraction === undefined ? "" : `.${fraction}`, power ? power.join("") : ""].join(""),
  );

const character = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: "grapheme", minLength: 0, maxLength: 8 }) },
  fc.constantFrom("\u0000", "\n", '"', "\\", "/", "\u2028", "\uFEFF", "\u{1F600}", "\uFFFF"),
);
const loneSurrogate = fc.constantFrom("\uD83D", "\uDE00", "a\uDBFF");

function stringOf(content: fc.Arbitrary<string>): fc.Arbitrary<Written & { kind: "string" }> {
  return fc
    .tuple(content, fc.boolean())
    .map(([value, escaped]) => ({ kind: "string", value, text: write(value, escaped) }));
}

function write(value: string, escaped: boolean): string {
  if (!escaped) return JSON.stringify(value);
  const units = Array.from({ length: value.length }, (_, index) => value.charCodeAt(index).toString(16));
  return `"${units.map((unit) => `\\u${unit.padStart(4, "0")}`).join("")}"`;
}

/** Generates any JSON value. A few of them cannot be stored in a DynamoDB map. */
export const written: fc.Arbitrary<Written> = fc.letrec<{ value: Written; object: Written }>((tie) => {
  const string = stringOf(fc.oneof({ weight: 30, arbitrary: character }, loneSurrogate));
  const key = stringOf(
    fc.oneof(
      { weight: 40, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }) },
      { weight: 6, arbitrary: fc.constantFrom("constructor", "toString", "type", "id", "hasOwnProperty", "a") },
      fc.constantFrom("__proto__", ""),
      loneSurrogate,
    ),
  );
  return {
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom<Written>(
        { kind: "literal", text: "null", value: null },
        { kind: "literal", text: "true", value: true },
        { kind: "literal", text: "false", value: false },
      ),
      numberText.map((text) => ({ kind: "number", text }) as const),
      string,
      fc.array(tie("value"), { maxLength: 5 }).map((elements) => ({ kind: "array", elements }) as const),
      tie("object"),
    ),
    object: fc
      .array(fc.tuple(key, tie("value")), { maxLength: 6 })
      .map((members) => ({ kind: "object", members }) as const),
  };
}).value;

export const writtenObject = written.filter((value) => value.kind === "object");

/** Returns a value's JSON text, with `gap` wherever JSON allows white space. */
export function textOf(value: Written, gap = ""): string {
  if (value.kind === "array") {
    return `[${gap}${value.elements.map((element) => textOf(element, gap)).join(`${gap},${gap}`)}${gap}]`;
  }
  if (value.kind === "object") {
    const members = value.members.map(([key, inner]) => `${key.text}${gap}:${gap}${textOf(inner, gap)}`);
    return `{${gap}${members.join(`${gap},${gap}`)}${gap}}`;
  }
  return value.text;
}

/** Returns the value that a lossless JSON parser would return. */
export function parsedOf(value: Written): JsonValue {
  if (value.kind === "number") return new JsonNumber(value.text);
  if (value.kind === "array") return value.elements.map(parsedOf);
  if (value.kind === "object") return new Map(value.members.map(([key, inner]) => [key.value, parsedOf(inner)]));
  return value.value;
}

/** Normalizes a number as digits and a power of ten, without loss of precision. */
export function exactly(text: string): string {
  const [mantissa = "", power = "0"] = text.toLowerCase().split("e");
  const [integer = "", fraction = ""] = mantissa.split(".");
  let digitsOf = BigInt(integer + fraction);
  if (digitsOf === 0n) return "0";
  let exponent = BigInt(power) - BigInt(fraction.length);
  for (; digitsOf % 10n === 0n; exponent++) digitsOf /= 10n;
  return `${digitsOf}e${exponent}`;
}
