import type { JsonSchema } from "../schema";

/** A schema: an object, or `true` or `false`. */
export type Schema = JsonSchema | boolean;

/** Keywords that refuse no event, besides those that begin with `x-`. */
const ANNOTATIONS = new Set([
  ...["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "examples", "default"],
  ...["deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema"],
]);
const SCHEMAS_BY_NAME = new Set(["properties", "patternProperties", "dependentSchemas"]);
const LISTS_OF_SCHEMAS = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const SCHEMAS = new Set([
  ...["not", "if", "then", "else", "items", "contains", "additionalProperties", "unevaluatedProperties"],
  ...["unevaluatedItems", "propertyNames"],
]);

/**
 * Returns a contract's schema without annotations, and with each reference replaced by the schema that it leads to.
 * Contracts have no recursive references.
 */
export function inlined(root: JsonSchema): Schema {
  return inline(root, root);
}

function inline(schema: unknown, root: JsonSchema): Schema {
  if (typeof schema !== "object" || schema === null) return schema as boolean;
  const { $ref, ...keywords } = schema as JsonSchema;
  const rules = Object.entries(keywords)
    .filter(([keyword]) => !ANNOTATIONS.has(keyword) && !keyword.startsWith("x-"))
    .map(([keyword, value]) => [keyword, inlineValue(keyword, value, root)] as const);
  const inlinedSchema = Object.fromEntries(rules) as JsonSchema;
  if (typeof $ref !== "string") return inlinedSchema;
  const target = inline(schemaAt(root, $ref), root);
  if (rules.length === 0) return target;
  return { ...inlinedSchema, allOf: [...((inlinedSchema.allOf as Schema[]) ?? []), target] };
}

function inlineValue(keyword: string, value: unknown, root: JsonSchema): unknown {
  if (SCHEMAS.has(keyword)) return inline(value, root);
  if (LISTS_OF_SCHEMAS.has(keyword)) return (value as unknown[]).map((child) => inline(child, root));
  if (!SCHEMAS_BY_NAME.has(keyword)) return value;
  return Object.fromEntries(Object.entries(value as object).map(([name, child]) => [name, inline(child, root)]));
}

/** `readContract` has checked that each reference leads to a schema in the same file. */
function schemaAt(root: JsonSchema, reference: string): unknown {
  const tokens = decodeURIComponent(reference).split("/").slice(1);
  const names = tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce<unknown>((schema, name) => (schema as JsonSchema)[name], root);
}
