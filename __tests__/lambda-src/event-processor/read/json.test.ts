import fc from "fast-check";
import { JsonNumber, type JsonValue, parseJson } from "../../../../lambda-src/event-processor/read/json";
import { parsedOf, textOf, type Written, written } from "../../../helpers/json-texts";

/** What JSON.parse would have made of it. */
function toNative(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return JSON.parse(value.source);
  if (Array.isArray(value)) return value.map(toNative);
  if (!(value instanceof Map)) return value;
  const object: object = {};
  for (const [key, inner] of value) {
    const descriptor = { value: toNative(inner), enumerable: true, configurable: true, writable: true };
    Object.defineProperty(object, key, descriptor);
  }
  return object;
}

function hasDuplicates(value: Written): boolean {
  if (value.kind === "array") return value.elements.some(hasDuplicates);
  if (value.kind !== "object") return false;
  const keys = value.members.map(([key]) => key.value);
  return new Set(keys).size < keys.length || value.members.some(([, inner]) => hasDuplicates(inner));
}

const gap = fc.constantFrom("", " ", "\n\t", "\r\n  ");

describe("parseJson", () => {
  it("reads any value as it was written, whatever the space between", () => {
    fc.assert(
      fc.property(written, gap, (value, space) => {
        const text = `${space}${textOf(value, space)}${space}`;
        const parsed = parseJson(text);
        expect(parsed.value).toEqual(parsedOf(value));
        expect(parsed.hasDuplicateKeys).toBe(hasDuplicates(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it("agrees with JSON.parse on what that can hold", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(toNative(parseJson(text).value)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes exactly what JSON.parse takes", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      '"a"',
      "1",
      "-",
      ".",
      "e",
      "true",
      "nul",
      "//",
      "/*",
      " ",
      "\\u12",
      "\uFEFF",
      "NaN",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(() => parseJson(text)).toThrow(SyntaxError);
          return;
        }
        expect(toNative(parseJson(text).value)).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(["12345678901234567890", "0.1234567890123456789012345678901234567890", "1e400", "-0.0", "1E-7"])(
    "keeps the digits of %s",
    (source) => {
      expect(parseJson(source).value).toEqual(new JsonNumber(source));
    },
  );

  it("holds __proto__ like any other key, and the last of two", () => {
    expect(parseJson('{"__proto__": {"a": 1}, "b": 1, "b": 2}')).toMatchObject({
      value: new Map<string, JsonValue>([
        ["__proto__", new Map([["a", new JsonNumber("1")]])],
        ["b", new JsonNumber("2")],
      ]),
      hasDuplicateKeys: true,
    });
  });

  it("reads as many levels as a message has room for", () => {
    const depth = 100_000;
    expect(parseJson("[".repeat(depth) + "]".repeat(depth)).hasDuplicateKeys).toBe(false);
  });
});
