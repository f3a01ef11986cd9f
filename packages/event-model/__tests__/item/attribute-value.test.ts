import { textOf, written } from "@event-pipeline/testing/json-texts";
import { mapCanHold } from "@event-pipeline/testing/stored-json";
import fc from "fast-check";
import { toAttribute } from "../../item/attribute-value";
import { JsonNumber, type JsonValue, parseJson } from "../../json";

/** Returns the size of a JSON value as an attribute. */
const bytesOf = (text: string) => toAttribute(parseJson(text).value as JsonValue)?.bytes;

describe("toAttribute", () => {
  it("converts exactly the values that a DynamoDB attribute can represent", () => {
    fc.assert(
      fc.property(written, (value) => {
        const { value: tree = null, hasDuplicateKeys } = parseJson(textOf(value));
        return (toAttribute(tree) !== undefined && !hasDuplicateKeys) === mapCanHold(value);
      }),
      { numRuns: 4_000 },
    );
  });

  it.each([
    ["a number beyond range", new JsonNumber("1e126")],
    ["a lone surrogate", "\uD83D"],
    ["__proto__", new Map([["__proto__", null]])],
    ["an empty key", new Map([["", null]])],
    ["a nested number beyond range", [new Map([["a", [new JsonNumber("1e400")]]])]],
  ])("does not convert %s", (_, value) => {
    expect(toAttribute(value)).toBeUndefined();
  });

  it.each([
    ["null", 1],
    ["false", 1],
    ['""', 0],
    ['"ä\u{1F600}"', 6],
    ["-12.5", 4],
    ["[]", 3],
    ['["a", null]', 3 + 2 + 2],
    ["{}", 3],
    ['{"ä": "x"}', 3 + 1 + 2 + 1],
    ['{"a": [1, {"b": "c"}]}', 3 + 1 + 1 + 3 + 1 + 2 + 1 + 3 + 1 + 1 + 1],
  ])("counts the bytes of %s as %i", (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  it("counts at least a ninth of the bytes in the request, which keeps requests below 16 MB", () => {
    const leaf = fc.constantFrom<JsonValue>(null, false, "", "\u0001", '"', new JsonNumber("0"), [], new Map());
    const key = fc.constantFrom("a", "\u0001", '"');
    const value = fc.oneof(
      fc.array(leaf),
      fc.array(fc.tuple(key, leaf)).map((entries) => new Map(entries)),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (list) => {
        const { value: attribute, bytes } = toAttribute(list) ?? { value: {}, bytes: 0 };
        return JSON.stringify(attribute).length <= 9 * bytes;
      }),
      { numRuns: 2_000 },
    );
  });
});
