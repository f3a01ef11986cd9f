// The handler's verdict on an event, against Ajv's own on the value that JSON.parse returns.
import { parseEvent } from "@event-pipeline/event-model/event";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { eventContractsOf } from "../contract-set";
import type { EventContracts } from "../event-contracts";
import type { JsonSchema } from "../schema";
import { contractOf, setOf } from "./contracts";

const EVENTS_PER_CONTRACT = 10_000;
/** Each contract accepts and refuses at least this many of the events. */
const MIN_VERDICTS = EVENTS_PER_CONTRACT / 100;

const v = (schema: JsonSchema): JsonSchema => ({ properties: { v: schema } });

/** A contract per group of keywords, and texts of values of the member `v` that matter to it. The first is valid. */
const CONTRACTS: readonly (readonly [schema: JsonSchema, ...values: string[]])[] = [
  [v({ type: "string" }), '"a"'],
  [v({ type: ["integer", "null"] }), "2.0", "9007199254740993.5", "1e400", "-0.0"],
  [v({ type: "number", minimum: -1, exclusiveMaximum: 2 }), "1.5", "2", "1.99999999999999999999", "-1e400", "-1"],
  [v({ multipleOf: 3 }), "9", "9007199254740993", "3.0000001", "1e400"],
  [v({ multipleOf: 0.01 }), "0.07", "0.30000000000000004", "0.075", "1e22", "1e308", "-0"],
  [v({ enum: ["a", 1, null, [], { a: 1 }, 9007199254740992] }), "1.0", "9007199254740993", '{"a":2,"a":1}', "[]"],
  [v({ const: { a: [1, { b: null }] } }), '{"a":[1,{"b":null}]}', '{"a":[1e0,{"b":1,"b":null}]}', '{"a":[1,{}]}'],
  [v({ minLength: 1, maxLength: 3 }), '"abc"', '"😀😀😀"', '"\\ud83d\\ude00😀😀"', '"\\ud83d\\ud83d"'],
  [v({ pattern: "^[a-z]*\\d?$" }), '"a1"', '"a\\n"'],
  [v({ format: "date-time" }), '"2026-01-02T03:04:05Z"', '"2026-02-30T03:04:05Z"', '"2026-12-31T23:59:60Z"'],
  [v({ format: "ipv4" }), '"127.0.0.1"', '"127.0.0.256"', '"127.0.0.1\\n"'],
  [v({ items: { type: "integer" }, minItems: 1, maxItems: 3 }), "[1,2.0]", "[9007199254740993]", "[1e400]"],
  [v({ prefixItems: [{ type: "string" }, { type: "number" }], items: false }), '["a",1]', '["a",1,2]', "[1]"],
  [
    v({ uniqueItems: true, items: { type: ["number", "string", "null"] } }),
    '[1,"1"]',
    "[0,-0]",
    "[1e400,2e400]",
    "[1,1.0]",
  ],
  [v({ contains: { const: 1 }, minContains: 1, maxContains: 2 }), "[1]", "[1,1.0,1e0]", "[1,1,2]"],
  [{ required: ["v", "a"], properties: { a: { required: ["b"] } } }, '"a"'],
  [{ properties: { v: {}, type: {} }, additionalProperties: false }, "{}"],
  [
    {
      properties: { v: {}, type: {} },
      patternProperties: { "^[ab]": { type: "number" } },
      unevaluatedProperties: { type: "string" },
    },
    "{}",
  ],
  [v({ anyOf: [{ type: "string" }, { minimum: 1, type: "number" }] }), "1", '"a"', "0.99999999999999999"],
  [v({ oneOf: [{ type: "integer" }, { minimum: 1 }], not: { const: 7 } }), "0", "7", "7.5", "1e400"],
  [
    {
      $defs: {
        t: { type: "object", dependentRequired: { a: ["b"] }, propertyNames: { maxLength: 3 }, maxProperties: 3 },
      },
      ...v({ $ref: "#/$defs/t", if: { required: ["a"] }, else: { properties: { b: { type: "string" } } } }),
    },
    '{"a":1,"b":2}',
    '{"b":2}',
    '{"b":1,"b":"c"}',
  ],
];

const name = fc
  .constantFrom("a", "b", "v", "ab", "abcd", "constructor", "__proto__")
  .map((text) => JSON.stringify(text));
const scalar = fc.constantFrom(
  ...['""', '"a"', '"a1"', '"abcd"', '"😀"', '"\\ud800"', "null", "true", "false"],
  ...["1", "-1", "7", "3", "1.5", "2e0", "-0", "1e400", "9007199254740993", "0.1", "0.30000000000000004", "5e-324"],
);
/** The text of any JSON value. The names of an object may repeat. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    { weight: 3, arbitrary: scalar },
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items}]`),
    fc.array(fc.tuple(name, tie("value")).map(toMember), { maxLength: 4 }).map(toObject),
  ),
}));

function toMember([key, inner]: readonly [string, string]): string {
  return `${key}:${inner}`;
}

function toObject(members: readonly string[]): string {
  return `{${members.join(",")}}`;
}

test.each(CONTRACTS.map(([schema, ...values]) => [JSON.stringify(schema), schema, values] as const))(
  "%s",
  (_, schema, values) => {
    const ajv = new Ajv2020({ strict: false, strictNumbers: true, ownProperties: true, multipleOfPrecision: 6 });
    const isValid = addFormats(ajv).compile(schema);
    const example = JSON.parse(`{"type":"a","a":{"b":1},"v":${values[0]}}`) as Record<string, unknown>;
    if (schema.additionalProperties === false) delete example.a;
    if (schema.patternProperties) example.a = 1;
    const contracts = eventContractsOf(setOf([contractOf({ ...schema, examples: [example] })]));
    let valid = 0;
    const own = fc.oneof(fc.constantFrom(...values), value);
    const others = fc.array(fc.tuple(name, value).map(toMember), { maxLength: 3 });
    const isLast = fc.boolean();
    const message = fc
      .tuple(others, own, isLast)
      .map(([more, given, last]) =>
        toObject(last ? [...more, '"type":"a"', `"v":${given}`] : [`"v":${given}`, ...more, '"type":"a"']),
      );
    fc.assert(
      fc.property(message, (text) => {
        const expected = isValid(JSON.parse(text));
        if (expected) valid += 1;
        return codeOf(contracts, text) === (expected ? undefined : "CONTRACT_VIOLATED");
      }),
      { numRuns: EVENTS_PER_CONTRACT },
    );
    expect(valid).toBeGreaterThan(MIN_VERDICTS);
    expect(valid).toBeLessThan(EVENTS_PER_CONTRACT - MIN_VERDICTS);
  },
  120_000,
);

/** Returns the code of the refusal; undefined if the event is valid. */
function codeOf(contracts: EventContracts, message: string): string | undefined {
  try {
    contracts.validate(parseEvent({ message }));
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}
