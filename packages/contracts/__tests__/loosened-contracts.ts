// Pairs of a contract and a looser one, with the keywords that a comparison decides.
import fc from "fast-check";
import type { JsonSchema } from "../schema";

type Pair = readonly [tight: JsonSchema, loose: JsonSchema];

const small = fc.nat(4);

/** Pairs of a lower or upper limit and a looser one, or none. */
const limitPair = (keyword: string, direction: 1 | -1): fc.Arbitrary<Pair> =>
  fc
    .tuple(small, small, fc.boolean())
    .map(([limit, by, isKept]) => [
      { [keyword]: direction === 1 ? limit : limit + 4 },
      isKept ? { [keyword]: Math.max(0, direction === 1 ? limit + by : limit + 4 - by) } : {},
    ]);

/** Pairs of a keyword and the same one, or none. */
const keptOrRemoved = (schema: JsonSchema): fc.Arbitrary<Pair> =>
  fc.boolean().map((isKept) => [schema, isKept ? schema : {}]);

/** Joins some of the pairs of keywords. */
const some = (type: readonly string[], ...pairs: readonly fc.Arbitrary<Pair>[]): fc.Arbitrary<Pair> =>
  fc
    .tuple(fc.subarray([...type], { minLength: 1 }), fc.boolean(), ...pairs.map((each) => fc.option(each)))
    .map(([types, isKept, ...joined]) => {
      const parts = joined.filter((each) => each !== null);
      const sides = [0, 1].map((side) => Object.assign({}, ...parts.map((each) => each[side as 0 | 1])) as JsonSchema);
      const [tight, loose] = sides as [JsonSchema, JsonSchema];
      const listed = isKept ? [...types, "boolean"] : undefined;
      return [
        { type: types.length === 1 ? types[0] : types, ...tight },
        { ...(listed && { type: listed }), ...loose },
      ];
    });

const listed: fc.Arbitrary<Pair> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom<unknown>("x", "low", 1, 2, null, true), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("const", "enum", "more"),
  )
  .map(([values, how]) => {
    if (how === "const") return [{ const: values[0] }, { enum: values }];
    return [{ enum: values }, how === "enum" ? { enum: [...values].reverse() } : { enum: [...values, "new"] }];
  });

const NAMES = ["a", "b", "c"];

export const { object: loosened } = fc.letrec<{ any: Pair; object: Pair }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    some(["integer", "null"], limitPair("minimum", -1), limitPair("exclusiveMaximum", 1)),
    some(["number"], limitPair("maximum", 1), limitPair("exclusiveMinimum", -1), keptOrRemoved({ multipleOf: 2 })),
    some(
      ["string", "null"],
      limitPair("minLength", -1),
      limitPair("maxLength", 1),
      keptOrRemoved({ pattern: "^[xh]" }),
      keptOrRemoved({ format: "date" }),
    ),
    some(
      ["array"],
      limitPair("minItems", -1),
      limitPair("maxItems", 1),
      keptOrRemoved({ uniqueItems: true }),
      tie("any").map(([tight, loose]): Pair => [{ items: tight }, { items: loose }]),
    ),
    listed,
    tie("any").map(([tight, loose]): Pair => [tight, { anyOf: [{ type: "boolean" }, loose] }]),
    fc.tuple(tie("any"), tie("any")).map(([[tight], [other, loose]]): Pair => [{ allOf: [tight, other] }, loose]),
    tie("object"),
  ),
  object: some(
    ["object"],
    fc
      .tuple(fc.dictionary(fc.constantFrom(...NAMES), tie("any"), { maxKeys: 3 }), fc.constantFrom("open", "closed"))
      .map(([members, how]): Pair => {
        const side = (index: 0 | 1) =>
          Object.fromEntries(Object.entries(members).map(([name, each]) => [name, each[index]]));
        if (how === "open") return [{ properties: side(0) }, { properties: side(1) }];
        const properties = { type: true, ...side(1), new: { type: "string" } };
        return [{ properties: { type: true, ...side(0) }, additionalProperties: false }, { properties }];
      }),
    fc
      .tuple(fc.subarray(NAMES), fc.subarray(NAMES))
      .map(([required, kept]): Pair => [{ required }, { required: required.filter((name) => kept.includes(name)) }]),
    limitPair("minProperties", -1),
    limitPair("maxProperties", 1),
  ),
}));
