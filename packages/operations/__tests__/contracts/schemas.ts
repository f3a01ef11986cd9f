import { hash } from "node:crypto";
import type { Contract } from "@event-pipeline/contracts/contract";
import fc from "fast-check";

/** Returns a contract with these keywords. Its schema may be one that `readContract` refuses. */
export function contractOf(type: string, schema: object): Contract {
  const keywords = {
    title: "T",
    description: "D",
    "x-version": "1",
    "x-event-type": type,
    examples: [{ type }],
    ...schema,
  };
  return { type, version: "1", hash: hash("sha256", type), schema: keywords };
}

const names = fc.constantFrom("a", "b", "we ird", "*/", "a-1");
const scalars = fc.constantFrom<unknown>("", "a", 'q"\n\u2028', 0, 1.5, -1e300, true, false, null);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    { weight: 3, arbitrary: scalars },
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(names, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const { schema } = fc.letrec<{ schema: unknown }>((tie) => {
  const schemas = fc.array(tie("schema"), { minLength: 1, maxLength: 3 });
  const byName = fc.dictionary(names, tie("schema"), { maxKeys: 3, noNullPrototype: true });
  const objects = fc.record(
    {
      type: fc.constant("object"),
      properties: byName,
      required: fc.uniqueArray(names, { maxLength: 2 }),
      additionalProperties: tie("schema"),
      patternProperties: fc.record({ "^a": tie("schema") }),
    },
    { requiredKeys: [] },
  );
  const lists = fc.record(
    { type: fc.constant("array"), items: tie("schema"), prefixItems: schemas, minItems: fc.nat(2) },
    { requiredKeys: [] },
  );
  const simple = fc.constantFrom("string", "integer", "number", "boolean", "null", "array", "object");
  return {
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom<unknown>(true, false, {}, { $ref: "#/$defs/a" }, { $ref: "#/$defs/we%20ird~1" }),
      fc.record({ type: fc.oneof(simple, fc.uniqueArray(simple, { minLength: 1, maxLength: 3 })) }),
      fc.record({ enum: fc.array(value, { minLength: 1, maxLength: 3 }) }),
      fc.record({ const: value, description: fc.constantFrom("*/ x", "a\u2028b", "") }),
      objects,
      lists,
      fc.record({ anyOf: schemas }),
      fc.record({ oneOf: schemas, type: simple }, { requiredKeys: ["oneOf"] }),
      fc.record({ allOf: schemas, type: simple }, { requiredKeys: ["allOf"] }),
      fc.record({ not: tie("schema") }),
    ),
  };
});
/** Schemas of events. Their references cannot lead back to themselves. */
export const roots = fc
  .tuple(schema, schema, schema)
  .filter(([, ...definitions]) => !JSON.stringify(definitions).includes("$ref"))
  .map(([root, a, weird]) => ({ ...Object(root), $defs: { a, "we ird/": weird } }));
export const events = fc.dictionary(names, value, { maxKeys: 3, noNullPrototype: true });
