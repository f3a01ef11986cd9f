import fc from "fast-check";
import { compareContracts, compareSets } from "../compatibility/compare";
import { compileContract, instantiate } from "../compile";
import { type Contract, readContract } from "../contract";
import type { JsonSchema } from "../schema";

const TYPE = "scan";
const PAIRS = 400;
const EVENTS_PER_PAIR = 40;

function contractOf(schema: object, examples: readonly unknown[] = [{}]): Contract {
  return {
    type: TYPE,
    version: "1",
    hash: "",
    schema: { "x-event-type": TYPE, "x-version": "1", title: "t", description: "d", ...schema, examples },
  };
}

const validator = ({ schema }: Contract) => instantiate(compileContract(schema));

const NAMES = ["a", "b", "c"];
const OPTIONAL = { requiredKeys: [] as [] };
const limit = fc.integer({ min: 0, max: 4 });
const scalar = fc.oneof(fc.constantFrom<unknown>(null, true, "", "x", "low", "high", 0, 1, 2.5, -3), limit);
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 4 }) },
    { weight: 2, arbitrary: fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 3 }) },
  ),
})).value;
const event = fc.dictionary(fc.constantFrom(...NAMES, "d"), value, { maxKeys: 4 });

/** Schemas with the keywords that a comparison decides, and with some that it does not. */
const schema: fc.Arbitrary<object> = fc.letrec<{ schema: object | boolean; object: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<object | boolean>(true, {}, { type: "string" }, { type: ["string", "null"] }, { type: "integer" }),
    fc.record({ minimum: limit, exclusiveMaximum: limit, type: fc.constantFrom("number", "integer") }, OPTIONAL),
    fc.record({ maximum: limit, exclusiveMinimum: limit, multipleOf: fc.constantFrom(1, 2, 0.5) }, OPTIONAL),
    fc.record(
      { type: fc.constant("string"), minLength: limit, maxLength: limit, pattern: fc.constantFrom("^x", "^h") },
      OPTIONAL,
    ),
    fc.uniqueArray(scalar, { minLength: 1, maxLength: 4, comparator: "SameValue" }).map((list) => ({ enum: list })),
    scalar.map((only) => ({ const: only })),
    fc.record(
      {
        type: fc.constant("array"),
        items: tie("schema"),
        minItems: limit,
        maxItems: limit,
        prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
      },
      OPTIONAL,
    ),
    fc.record({ contains: tie("schema"), minContains: limit }, { requiredKeys: ["contains"] }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie("schema") }),
    fc.record({ if: tie("schema"), then: tie("schema") }),
    tie("object"),
  ),
  object: fc.record(
    {
      type: fc.constant("object"),
      required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
      properties: fc.dictionary(fc.constantFrom(...NAMES), tie("schema"), { maxKeys: 3 }),
      additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
      patternProperties: fc.dictionary(fc.constantFrom("^a", "^[bc]$"), tie("schema"), { maxKeys: 1 }),
      propertyNames: fc.constantFrom({ maxLength: 1 }, { enum: NAMES }),
      minProperties: limit,
      maxProperties: limit,
      dependentRequired: fc.constantFrom({ a: ["b"] }, { b: ["c"] }),
      allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
      unevaluatedProperties: fc.constant(false),
    },
    OPTIONAL,
  ),
})).object as fc.Arbitrary<object>;

/** Pairs of unrelated contracts, and of a contract and an edited copy: only such copies are often compatible. */
const pair = fc.oneof(
  fc.tuple(schema, schema),
  fc
    .tuple(schema, fc.integer({ min: 0, max: 50 }), schema)
    .map(([old, at, other]) => [old, edited(old, at, other)] as const),
  fc.tuple(schema, schema).map(([old, next]) => [{ allOf: [old, next] }, next] as const),
  fc.tuple(schema, schema).map(([old, next]) => [old, { anyOf: [next, old] }] as const),
);

/** Deletes, loosens or replaces one keyword, counted from the outermost. */
function edited(original: object, at: number, other: object): object {
  const copy = structuredClone(original) as Record<string, unknown>;
  const places: (() => void)[] = [];
  const visit = (node: Record<string, unknown>) => {
    for (const [key, child] of Object.entries(node)) {
      places.push(() => delete node[key]);
      if (typeof child === "number")
        places.push(() => Object.assign(node, { [key]: child + (key.startsWith("m") ? 1 : 2) }));
      if (typeof child === "object" && child !== null) {
        if (!Array.isArray(child)) places.push(() => Object.assign(node, { [key]: { ...child, ...other } }));
        visit(child as Record<string, unknown>);
      }
    }
  };
  visit(copy);
  places[at % Math.max(1, places.length)]?.();
  return copy;
}

const compiles = (...schemas: object[]) => {
  try {
    for (const each of schemas) compileContract(each as JsonSchema);
    return true;
  } catch {
    return false;
  }
};

test("no event disproves compatible, and each breaking change has an event that proves it", () => {
  const verdicts = new Map<string, number>();
  fc.assert(
    fc.property(
      pair,
      fc.array(event, { minLength: EVENTS_PER_PAIR, maxLength: EVENTS_PER_PAIR }),
      ([before, after], events) => {
        fc.pre(compiles(before, after));
        const [old, next] = [contractOf(before), contractOf(after)];
        const { verdict, breaking } = compareContracts(old, next);
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
        const [wasValid, isValid] = [validator(old), validator(next)];
        for (const { example } of breaking) expect([wasValid(example), isValid(example)]).toEqual([true, false]);
        expect(breaking.length > 0).toBe(verdict === "breaking");
        if (verdict !== "compatible" && verdict !== "unchanged") return;
        for (const each of events)
          if (wasValid(each) && !isValid(each)) expect(each).toBe("valid under the new contract");
      },
    ),
    { numRuns: PAIRS },
  );
  // The property says nothing if each pair is unknown.
  for (const verdict of ["compatible", "breaking"]) expect(verdicts.get(verdict)).toBeGreaterThan(PAIRS / 10);
});

const OPEN = {
  type: "object",
  properties: { severity: { enum: ["low", "high"] }, n: { type: "number", maximum: 10 } },
};
const CLOSED = { ...OPEN, additionalProperties: false };
const withN = (n: object) => ({ ...OPEN, properties: { ...OPEN.properties, n } });

test.each<[string, object, object, string, string?, string?]>([
  ["a new required member", OPEN, { ...OPEN, required: ["severity"] }, "breaking", "", "required"],
  ["a smaller maximum", OPEN, withN({ type: "number", maximum: 9 }), "breaking", "/n", "maximum"],
  ["a larger maximum", OPEN, withN({ type: "number", maximum: 11 }), "compatible"],
  ["a number that must be whole", OPEN, withN({ type: "integer", maximum: 10 }), "breaking", "/n", "type"],
  ["fewer values", OPEN, { properties: { severity: { const: "low" } } }, "breaking", "/severity", "const"],
  ["more values", OPEN, { properties: { severity: { enum: ["high", "low", "none"] } } }, "compatible"],
  ["closed members", OPEN, CLOSED, "breaking", "", "additionalProperties"],
  ["opened members", CLOSED, OPEN, "compatible"],
  [
    "an optional member of closed members",
    CLOSED,
    { ...CLOSED, properties: { ...CLOSED.properties, m: {} } },
    "compatible",
  ],
  ["another title", OPEN, { ...OPEN, title: "Other" }, "unchanged"],
  ["a reference to the same rules", OPEN, { $ref: "#/$defs/open", $defs: { open: OPEN } }, "unchanged"],
  [
    "alternatives in place of a type",
    { properties: { n: { type: ["string", "null"] } } },
    { properties: { n: { anyOf: [{ type: "string" }, { type: "null" }] } } },
    "unknown",
  ],
  [
    "another pattern",
    { properties: { n: { type: "string", pattern: "^[ab]$" } } },
    { properties: { n: { type: "string", pattern: "^[ba]$" } } },
    "unknown",
  ],
  [
    "a shorter list",
    { properties: { n: { type: "array", maxItems: 5 } } },
    { properties: { n: { type: "array", maxItems: 4 } } },
    "breaking",
    "/n",
    "maxItems",
  ],
  [
    "items of another type",
    { properties: { n: { type: "array", items: { type: ["string", "number"] } } } },
    { properties: { n: { type: "array", items: { type: "string" } } } },
    "breaking",
    "/n/0",
    "type",
  ],
  [
    "a member with a slash",
    { properties: { "a/b": true } },
    { properties: { "a/b": { type: "string" } } },
    "breaking",
    "/a~1b",
    "type",
  ],
])("%s is %s", (_, before, after, expected, place, rule) => {
  const { verdict, breaking } = compareContracts(contractOf(before), contractOf(after));
  expect(verdict).toBe(expected);
  if (rule !== undefined) expect(breaking.map((each) => [each.place, each.rule])).toContainEqual([place, rule]);
});

test("sets: a deleted contract is breaking only with strictTypes, and a changed mapping is reported", () => {
  const old = { contracts: [contractOf(OPEN)], mapping: [] };
  const next = { contracts: [], mapping: ["stripe" as const], strictTypes: false };
  const verdictsOf = (strictTypes: boolean) =>
    compareSets(old, { ...next, strictTypes }).contracts.map(({ verdict }) => verdict);
  expect([verdictsOf(false), verdictsOf(true)]).toEqual([["deleted"], ["breaking"]]);
  expect(compareSets({ contracts: [], mapping: [] }, { ...next, ...old }).contracts[0]?.verdict).toBe("added");
  expect(
    [compareSets(old, next), compareSets(old, { ...next, mapping: [] })].map((each) => each.isMappingChanged),
  ).toEqual([true, false]);
});

test("a contract with many alternatives is compared quickly, and is unknown at worst", () => {
  const nested = (depth: number, type: string): object =>
    depth === 0
      ? { type }
      : { anyOf: [nested(depth - 1, "string"), nested(depth - 1, "number"), nested(depth - 1, type)] };
  const schemaOf = (type: string) => ({ properties: { a: nested(5, type), b: nested(5, "null") } });
  const { verdict } = compareContracts(contractOf(schemaOf("null")), contractOf(schemaOf("boolean")));
  expect(["unknown", "breaking"]).toContain(verdict);
});

test("this project's contracts are compatible with themselves", () => {
  const text = JSON.stringify(contractOf(OPEN).schema);
  const contract = readContract("a.json", text);
  expect(compareContracts(contract, contract).verdict).toBe("unchanged");
});
