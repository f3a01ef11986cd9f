import { NumberValue } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { JsonNumber } from "../../../../lambda-src/consumer/json";
import {
  type AttributeValue,
  attributeBytes,
  toAttributeValue,
} from "../../../../lambda-src/event-processor/read/attribute-value";
import { parsedOf, written } from "../../../helpers/json-texts";
import { mapCanHold } from "../../../helpers/stored-json";

/** As the value goes over the wire. */
function wireOf(value: AttributeValue): object {
  if (value === null) return { NULL: true };
  if (typeof value === "boolean") return { BOOL: value };
  if (typeof value === "string") return { S: value };
  if (value instanceof NumberValue) return { N: value.toString() };
  if (Array.isArray(value)) return { L: value.map(wireOf) };
  return { M: Object.fromEntries([...value].map(([name, inner]) => [name, wireOf(inner)])) };
}

describe("toAttributeValue", () => {
  it("takes what a DynamoDB attribute can hold", () => {
    fc.assert(
      fc.property(
        written.filter((value) => mapCanHold(value)),
        (value) => {
          expect(toAttributeValue(parsedOf(value))).not.toBeUndefined();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["a number beyond range", new JsonNumber("1e126")],
    ["a lone surrogate", "\uD83D"],
    ["__proto__", new Map([["__proto__", null]])],
    ["an empty key", new Map([["", null]])],
    ["any of them within", [new Map([["a", [new JsonNumber("1e400")]]])]],
  ])("does not take %s", (_, value) => {
    expect(toAttributeValue(value)).toBeUndefined();
  });
});

describe("attributeBytes", () => {
  it.each<[AttributeValue, number]>([
    [null, 1],
    [false, 1],
    ["", 0],
    ["ä\u{1F600}", 6],
    [NumberValue.from("-12.5"), 4],
    [[], 3],
    [["a", null], 3 + 2 + 2],
    [new Map(), 3],
    [new Map([["ä", "x"]]), 3 + 1 + 2 + 1],
  ])("of %j is %i", (value, bytes) => {
    expect(attributeBytes(value)).toBe(bytes);
  });

  it("is no less than a ninth of what goes over the wire, which keeps requests below 16 MB", () => {
    const leaf = fc.constantFrom<AttributeValue>(null, false, "", "\u0001", '"', NumberValue.from("0"), [], new Map());
    const key = fc.constantFrom("a", "\u0001", '"');
    const value = fc.oneof(
      fc.array(leaf),
      fc.array(fc.tuple(key, leaf)).map((entries) => new Map(entries)),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (list) => {
        expect(JSON.stringify(wireOf(list)).length).toBeLessThanOrEqual(9 * attributeBytes(list));
      }),
      { numRuns: 2_000 },
    );
  });
});
