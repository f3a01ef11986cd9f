// Contracts and events for tests of the comparison.
import fc from "fast-check";
import { compareContracts } from "../compatibility/compare";
import { candidates, sampleOf } from "../compatibility/counterexample";
import { unimpliedRules } from "../compatibility/implied";
import { inlined } from "../compatibility/inline";
import { compileContract, instantiate } from "../compile";
import type { Contract } from "../contract";
import type { JsonSchema } from "../schema";
import { loosened } from "./loosened-contracts";

export const TYPE = "scan";

/** Returns a contract that `readContract` has not checked. */
export function generatedContract(schema: JsonSchema, examples: readonly unknown[] = []): Contract {
  return {
    type: TYPE,
    version: "1",
    hash: "",
    schema: { "x-event-type": TYPE, "x-version": "1", title: "t", description: "d", ...schema, examples },
  };
}

const NAMES = ["a", "b", "c"];
const OPTIONAL = { requiredKeys: [] as [] };
const limit = fc.integer({ min: 0, max: 4 });
const scalar = fc.oneof(fc.constantFrom<unknown>(null, true, "", "x", "low", "high", 0, 1, 2.5, -3), limit);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 4 }) },
    { weight: 2, arbitrary: fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 3 }) },
  ),
}));
export const event = fc
  .dictionary(fc.constantFrom(...NAMES, "d"), value, { maxKeys: 4 })
  // An object of `fc.dictionary` may have no prototype, unlike one of JSON.parse.
  .map((members) => JSON.parse(JSON.stringify({ type: TYPE, ...members })) as JsonSchema);

/** A keyword that is also a method of promises, which the linter does not allow in an object. */
const THEN = "then";

/** Schemas with the keywords that a comparison decides, and with all others. */
const { object: schema, schema: anySchema } = fc.letrec<{ schema: JsonSchema | boolean; object: JsonSchema }>(
  (tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<JsonSchema | boolean>(true, {}, { type: ["string", "null"] }, { type: "integer" }, false),
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
          uniqueItems: fc.boolean(),
          prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
          unevaluatedItems: fc.constant(false),
        },
        OPTIONAL,
      ),
      fc.record(
        { contains: tie("schema"), minContains: limit, maxContains: fc.integer({ min: 4, max: 5 }) },
        { requiredKeys: ["contains"] },
      ),
      fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
      fc.record({ not: tie("schema") }),
      fc.record({ if: tie("schema"), [THEN]: tie("schema"), else: tie("schema") }),
      fc.constant({ $ref: "#/$defs/target" }),
      tie("object"),
    ),
    object: fc
      .record({
        type: fc.constant("object"),
        required: fc.uniqueArray(fc.constantFrom(...NAMES, "type"), { maxLength: 2 }),
        properties: fc.dictionary(fc.constantFrom(...NAMES), tie("schema"), { maxKeys: 3 }),
        additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
        // Ajv refuses patterns that match a member of `properties`.
        patternProperties: fc.dictionary(fc.constantFrom("^d", "^[de]$"), tie("schema"), { maxKeys: 1 }),
        propertyNames: fc.constantFrom({ maxLength: 4 }, { enum: [...NAMES, "type"] }),
        minProperties: limit,
        maxProperties: limit,
        dependentRequired: fc.constantFrom({ a: ["b"] }, { b: ["c"] }),
        dependentSchemas: fc.dictionary(fc.constantFrom(...NAMES), tie("schema"), { maxKeys: 1 }),
        allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
        unevaluatedProperties: fc.constant(false),
      })
      // Few events are valid under many keywords.
      .chain((keywords) =>
        fc
          .subarray(Object.entries(keywords), { minLength: 1, maxLength: 4 })
          .map((chosen) => Object.fromEntries(chosen) as JsonSchema),
      ),
  }),
);
const target = fc.constantFrom<JsonSchema>({ type: "string" }, { type: ["number", "null"], maximum: 2 });

/** A contract's schema, whose references lead to `$defs/target`. */
export const contractSchema = fc.tuple(schema, target).map(([rules, to]) => ({ ...rules, $defs: { target: to } }));

/** Pairs of unrelated contracts, and of a contract and an edited copy: only such copies are often compatible. */
export const pair = fc.oneof(
  fc.tuple(contractSchema, contractSchema),
  fc.tuple(contractSchema, fc.nat(50), schema).map(([old, at, other]) => pairOf(old, edited(old, at, other))),
  fc
    .tuple(contractSchema, schema)
    .map(([{ $defs, ...old }, next]) => pairOf({ allOf: [old, next], $defs }, { ...next, $defs })),
  fc
    .tuple(contractSchema, schema)
    .map(([{ $defs, ...old }, next]) => pairOf({ ...old, $defs }, { anyOf: [next, old], $defs })),
  fc
    .tuple(loosened, fc.nat(50), contractSchema)
    .map(([[old], at, { $defs, ...other }]) => pairOf(old, { ...edited(old, at, other), $defs })),
  // Rules of one member, which meet each other more often.
  fc.tuple(anySchema, anySchema, target).map(([old, next, to]) => memberPair(old, next, to)),
  fc.tuple(anySchema, fc.nat(9), target).map(([old, at, to]) => memberPair(old, replaced(old, at), to)),
  fc.tuple(loosened, loosened).map(([[old], [, next]]) => pairOf(old, next)),
);

function memberPair(old: JsonSchema | boolean, next: JsonSchema | boolean, target: JsonSchema) {
  return pairOf({ properties: { a: old }, $defs: { target } }, { properties: { a: next }, $defs: { target } });
}

/** Keywords, and others that allow nearly the same. */
const SIMILAR: Readonly<Record<string, string>> = {
  minimum: "exclusiveMinimum",
  maximum: "exclusiveMaximum",
  exclusiveMinimum: "minimum",
  exclusiveMaximum: "maximum",
  anyOf: "oneOf",
  oneOf: "anyOf",
  items: "contains",
  contains: "items",
};

/** Replaces or removes one keyword. */
function replaced(schema: JsonSchema | boolean, at: number): JsonSchema | boolean {
  if (typeof schema === "boolean") return !schema;
  const names = Object.keys(schema);
  const chosen = names[at % Math.max(1, names.length)];
  const entries = Object.entries(schema).flatMap(([name, value]) => {
    if (name !== chosen) return [[name, value] as const];
    const similar = SIMILAR[name];
    return similar === undefined ? [] : [[similar, value] as const];
  });
  return Object.fromEntries(entries);
}

function pairOf(old: JsonSchema, next: JsonSchema): [JsonSchema, JsonSchema] {
  return [old, next];
}

/** Deletes, changes or extends one keyword, counted from the outermost. */
function edited(original: JsonSchema, at: number, other: JsonSchema): JsonSchema {
  const copy = structuredClone(original) as Record<string, unknown>;
  const edits: (() => void)[] = [];
  const visit = (node: Record<string, unknown>) => {
    for (const [key, child] of Object.entries(node)) {
      if (key === "$defs") continue;
      edits.push(() => delete node[key]);
      if (typeof child === "number") {
        edits.push(
          () => Object.assign(node, { [key]: child + 1 }),
          () => Object.assign(node, { [key]: Math.max(0, child - 1) }),
        );
      }
      if (typeof child !== "object" || child === null) continue;
      if (!Array.isArray(child)) edits.push(() => Object.assign(node, { [key]: { ...child, ...other } }));
      visit(child as Record<string, unknown>);
    }
  };
  visit(copy);
  edits[at % Math.max(1, edits.length)]?.();
  return copy;
}

export function compiles(...schemas: readonly JsonSchema[]): boolean {
  try {
    for (const each of schemas) compileContract(each);
    return true;
  } catch {
    return false;
  }
}

/** Compares two contracts, and checks the verdict with events. Returns the verdict. */
export function checkedVerdict(
  [before, after]: readonly [JsonSchema, JsonSchema],
  events: readonly JsonSchema[],
  isMapped: boolean,
): string {
  const [wasValid, isValid] = [before, after].map((each) => instantiate(compileContract(each)));
  const examples = events.filter((each) => wasValid?.(each)).slice(0, 2);
  const { verdict, breaking, unknown } = compareContracts(
    generatedContract(before, examples),
    generatedContract(after, []),
    { isMapped },
  );
  const verdictsOn = (each: unknown) => [wasValid?.(each), isValid?.(each)];
  for (const { example } of breaking) {
    expect([example, ...verdictsOn(example)]).toEqual([example, true, false]);
    if (!isMapped) expect(example).toMatchObject({ type: TYPE });
  }
  expect(breaking.length > 0).toBe(verdict === "breaking");
  if (verdict === "unknown") expect(unknown).not.toEqual([]);
  if (verdict !== "compatible" && verdict !== "unchanged") return verdict;
  for (const each of variants(after, before, events)) {
    const [was, is] = verdictsOn(each);
    if (was && !is) expect({ before, after, event: each }).toBe("valid under the new contract");
  }
  return verdict;
}

/** Yields events, and the same events with other values at each place that the contracts have a rule for. */
function* variants(after: JsonSchema, before: JsonSchema, events: readonly JsonSchema[]): Generator<unknown> {
  yield* events;
  for (const each of [after, before]) {
    const rules = inlined(each);
    for (const rule of unimpliedRules([{ type: "object" }], rules).slice(0, 10)) {
      for (const base of [{}, sampleOf([rules, inlined(before)], rule.path), ...events.slice(0, 2)]) {
        for (const event of candidates(rule, base)) {
          if (typeof event === "object" && event !== null && !Array.isArray(event)) yield { ...event, type: TYPE };
        }
      }
    }
  }
}
