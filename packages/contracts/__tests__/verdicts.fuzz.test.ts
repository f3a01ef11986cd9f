// The handler's verdict on an event, against Ajv's own on the value that JSON.parse returns.
import { parseEvent } from "@event-pipeline/event-model/event";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { eventContractsOf } from "../contract-set";
import type { JsonSchema } from "../schema";
import { contractOf, setOf } from "./contracts";

const EVENTS_PER_CONTRACT = 10_000;

const v = (schema: JsonSchema): JsonSchema => ({ properties: { v: schema } });

/** A contract per group of keywords. */
const CONTRACTS: readonly JsonSchema[] = [
  v({ type: "string" }),
  v({ type: ["integer", "null"] }),
  v({ type: "number", minimum: -1, exclusiveMaximum: 2 }),
  v({ multipleOf: 3 }),
  v({ enum: ["a", 1, null, [], { a: 1 }] }),
  v({ const: { a: [1, { b: null }] } }),
  v({ minLength: 1, maxLength: 3 }),
  v({ pattern: "^[a-z]*\\d?$" }),
  v({ format: "date-time" }),
  v({ format: "ipv4" }),
  v({ items: { type: "integer" }, minItems: 1, maxItems: 3 }),
  v({ prefixItems: [{ type: "string" }, { type: "number" }], items: false }),
  v({ uniqueItems: true, maxItems: 10 }),
  v({ contains: { const: 1 }, minContains: 1, maxContains: 2 }),
  { required: ["v", "a"], properties: { a: { required: ["b"] } } },
  { properties: { v: {}, type: {} }, additionalProperties: false },
  {
    properties: { v: {} },
    patternProperties: { "^[ab]": { type: "number" } },
    unevaluatedProperties: { type: "string" },
  },
  v({ anyOf: [{ type: "string" }, { minimum: 1, type: "number" }] }),
  v({ oneOf: [{ type: "integer" }, { minimum: 1 }], not: { const: 7 } }),
  {
    $defs: {
      t: { type: "object", dependentRequired: { a: ["b"] }, propertyNames: { maxLength: 3 }, maxProperties: 3 },
    },
    ...v({ $ref: "#/$defs/t", if: { required: ["a"] }, else: { properties: { b: { type: "string" } } } }),
  },
];

const name = fc.constantFrom("a", "b", "v", "ab", "abcd", "constructor", "__proto__");
const scalar = fc.oneof(
  fc.constantFrom("", "a", "a1", "abcd", "2026-01-02T03:04:05Z", "127.0.0.1", "😀", "é"),
  fc
    .constantFrom("1", "-1", "7", "3", "1.5", "2e0", "-0", "1e400", "9007199254740993", "0.1")
    .map((text) => new Number_(text)),
  fc.constantFrom(null, true, false),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }).map((members) => new Members(members)),
  ),
}));

/** A number as its text. */
class Number_ {
  constructor(readonly text: string) {}
}

/** An object whose names may repeat. */
class Members {
  constructor(readonly list: readonly (readonly [string, unknown])[]) {}
}

function textOf(value: unknown): string {
  if (value instanceof Number_) return value.text;
  if (value instanceof Members)
    return `{${value.list.map(([key, inner]) => `${JSON.stringify(key)}:${textOf(inner)}`)}}`;
  return Array.isArray(value) ? `[${value.map(textOf)}]` : JSON.stringify(value);
}

test.each(CONTRACTS.map((schema) => [schema]))(
  "%j",
  (schema) => {
    const ajv = new Ajv2020({ strict: false, ownProperties: true, multipleOfPrecision: 6 });
    addFormats(ajv);
    const oracle = ajv.compile(schema);
    const contracts = eventContractsOf(setOf([contractOf({ ...schema, examples: [exampleOf(oracle)] })]));
    let refused = 0;
    const members = fc.array(fc.tuple(name, value), { maxLength: 3 });
    fc.assert(
      fc.property(members, value, (others, given) => {
        const text = textOf(new Members([...others, ["type", "a"], ["v", given]]));
        let isValid = true;
        try {
          contracts.validate(parseEvent({ message: text }));
        } catch (error) {
          expect((error as { code: string }).code).toBe("CONTRACT_VIOLATED");
          isValid = false;
        }
        expect([text, isValid]).toEqual([text, oracle(JSON.parse(text))]);
        if (!isValid) refused += 1;
      }),
      { numRuns: EVENTS_PER_CONTRACT },
    );
    // The events test both verdicts.
    expect(refused).toBeGreaterThan(EVENTS_PER_CONTRACT / 100);
    expect(refused).toBeLessThan(EVENTS_PER_CONTRACT);
  },
  300_000,
);

/** Returns an event that the contract allows. */
function exampleOf(isValid: (event: unknown) => boolean): unknown {
  const [example] = fc.sample(
    fc
      .tuple(value, value)
      .map(
        ([a, given]) =>
          JSON.parse(
            textOf(
              new Members([
                ["type", "a"],
                ["a", a],
                ["v", given],
              ]),
            ),
          ) as unknown,
      )
      .filter(isValid),
    1,
  );
  return example;
}
