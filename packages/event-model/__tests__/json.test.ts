import { parsedOf, textOf, type Written, written, writtenObject } from "@event-pipeline/testing/json-texts";
import fc from "fast-check";
import { JsonNumber, JsonSource, type JsonValue, Pointers, parseJson, sourceOf } from "../json";

/** Returns the value that JSON.parse would return. */
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

/** Returns the result, or the name of the error. Jest's `toThrow` would compute the stack trace of each error. */
function outcomeOf(parse: () => unknown): unknown {
  try {
    return { value: parse() };
  } catch (error) {
    return (error as Error).name;
  }
}

function hasDuplicates(value: Written): boolean {
  if (value.kind === "array") return value.elements.some(hasDuplicates);
  if (value.kind !== "object") return false;
  const keys = value.members.map(([key]) => key.value);
  return new Set(keys).size < keys.length || value.members.some(([, inner]) => hasDuplicates(inner));
}

const gap = fc.constantFrom("", " ", "\n\t", "\r\n  ");

describe("parseJson", () => {
  it("parses any value, with any whitespace", () => {
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

  it("agrees with JSON.parse on values without loss", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(toNative(parseJson(text).value as JsonValue)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("accepts exactly what JSON.parse accepts", () => {
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
        expect(outcomeOf(() => toNative(parseJson(text).value as JsonValue))).toEqual(
          outcomeOf(() => JSON.parse(text)),
        );
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

  it("treats __proto__ as an ordinary key, and keeps the last of duplicate keys", () => {
    expect(parseJson('{"__proto__": {"a": 1}, "b": 1, "b": 2}')).toMatchObject({
      value: new Map<string, JsonValue>([
        ["__proto__", new Map([["a", new JsonNumber("1")]])],
        ["b", new JsonNumber("2")],
      ]),
      hasDuplicateKeys: true,
    });
  });

  it("parses as many levels as fit in a message", () => {
    const depth = 500_000;
    expect(parseJson("[".repeat(depth) + "]".repeat(depth), { maxValues: 10 }).valueCount).toBe(depth);
  });

  it("throws an error with the position of the first invalid character", () => {
    const mistakes: readonly [string, string][] = [
      ["", "it ends at character 1, where JSON has a value"],
      ["{,}", 'it has ",}" at character 2, where JSON has a name or }'],
      ['{"a":1,}', 'it has "}" at character 8, where JSON has a name'],
      ['{"a" 1}', 'it has "1}" at character 6, where JSON has a colon'],
      ["[1 2]", 'it has "2]" at character 4, where JSON has a comma or ]'],
      ['["a\nb"]', 'it has "\\nb\\"]" at character 4, where JSON has a closing quote'],
      ['"\\x', 'it has "x" at character 3, where JSON has an escape'],
      ["1 /* no */", 'it has "/* no */" at character 3, where JSON has the end'],
      [`x${"y".repeat(99)}`, 'it has "xyyyyyyyyyyyyyyyyyy…" at character 1, where JSON has a value'],
    ];
    for (const [text, message] of mistakes) expect(() => parseJson(text)).toThrow(new SyntaxError(message));
  });
});

describe("parseJson with limits", () => {
  it("counts all values, and builds no tree with more than maxValues", () => {
    fc.assert(
      fc.property(written, fc.nat(30), (value, maxValues) => {
        const text = textOf(value);
        const whole = parseJson(text);
        const limited = parseJson(text, { maxValues });
        const valueCount = countOf(value);
        expect(whole.valueCount).toBe(valueCount);
        expect(limited).toMatchObject({ valueCount, value: valueCount <= maxValues ? whole.value : undefined });
      }),
      { numRuns: 2_000 },
    );
  });

  it("returns the requested values with the same text as in the tree, for any size and depth", () => {
    fc.assert(
      fc.property(writtenObject, fc.nat(5), fc.infiniteStream(fc.boolean()), (value, maxValues, choices) => {
        const all = [...pointersIn(value)];
        const wanted = all.map(([pointer]) => pointer).filter(() => choices.next().value);
        const { found } = parseJson(textOf(value), { maxValues, pointers: new Pointers([...wanted, "/none/0"]) });
        const expected = new Map(all.filter(([pointer]) => wanted.includes(pointer)));
        expect(new Map([...found].map(([pointer, member]) => [pointer, sourceOf(member)]))).toEqual(
          new Map([...expected].map(([pointer, inner]) => [pointer, sourceOfWritten(inner)])),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it("forgets what was below an earlier member with the same name", () => {
    const pointers = new Pointers(["/a/b", "/a/0", "/a"]);
    expect(parseJson('{"a": {"b": 1}, "a": [2], "a": {"c": 3}}', { pointers }).found).toEqual(
      new Map([["/a", new JsonSource('{"c": 3}')]]),
    );
  });

  it.each(["[1]", '"a"', "1", "null"])("does not report %s as an object", (text) => {
    expect(parseJson(text, { pointers: new Pointers(["/a"]) })).toMatchObject({ isObject: false, found: new Map() });
  });
});

/** Yields each value below the outermost one, by its JSON pointer. Of members with the same name, only the last counts. */
function* pointersIn(value: Written, base = ""): Generator<[pointer: string, value: Written]> {
  const inner =
    value.kind === "array"
      ? value.elements.map((element, index) => [String(index), element] as const)
      : value.kind === "object"
        ? new Map(value.members.map(([key, member]) => [key.value, member]))
        : [];
  for (const [name, child] of inner) {
    const pointer = `${base}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    yield [pointer, child];
    yield* pointersIn(child, pointer);
  }
}

function sourceOfWritten(value: Written): string {
  return value.kind === "string" ? JSON.stringify(value.value) : textOf(value);
}

function countOf(value: Written): number {
  if (value.kind === "array") return value.elements.reduce((sum, inner) => sum + countOf(inner), 1);
  // The tree keeps only the last member with a repeated name, but the count includes all.
  return value.kind === "object" ? value.members.reduce((sum, [, inner]) => sum + countOf(inner), 1) : 1;
}
