import type { JsonSchema } from "../schema";
import type { UnimpliedRule } from "./implied";
import type { Schema } from "./inline";

/** The longest text that is tried, in characters. */
const MAX_TEXT = 10_000;
const MAX_ITEMS = 200;

/** Values of each type that a rule often refuses. */
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    1e9,
    -1e9,
    "",
    "x",
    "other",
    "2026-01-02T03:04:05Z",
    "2026-01-02",
    "a@b.example",
  ],
  ...["https://example.com/", "192.0.2.1", "2001:db8::1", "0f0c4f0e-6f0e-4e7b-9d3b-0d6c1c5f8a10", [], {}, [1], ["x"]],
  ...[["x", "x"], [1, 1], { other: 1 }],
];

/**
 * Yields events that may be valid under the old contract and not under the new one: each base itself, and each base with
 * another value where the rule applies, or without the value.
 */
export function* candidates({ path, old, next }: UnimpliedRule, bases: readonly unknown[]): Generator<unknown> {
  const values = [...new Set([...[...old, next].flatMap((schema) => edgesOf(schema)), ...VALUES])];
  for (const base of bases) {
    yield base;
    yield changed(base, path, undefined);
    for (const value of values) yield changed(base, path, value);
  }
}

/** Returns an event's value for a schema, as small as possible; it may not be valid, because not each keyword counts. */
export function sampleOf(schema: Schema): unknown {
  if (typeof schema === "boolean") return {};
  const { type, properties, required, anyOf, oneOf, allOf, items } = schema;
  if (Object.hasOwn(schema, "const")) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const [alternative] = ((anyOf ?? oneOf) as Schema[] | undefined) ?? [];
  const parts = [...((allOf as Schema[]) ?? []), ...(alternative === undefined ? [] : [alternative])].map(sampleOf);
  const [first] = [type].flat();
  if (first === undefined && properties === undefined && required === undefined && parts.length > 0)
    return merged(parts);
  switch (first ?? "object") {
    case "object": {
      const schemas = Object(properties) as Record<string, Schema>;
      const names = (required as string[] | undefined) ?? [];
      const members = names.map((name) => [name, Object.hasOwn(schemas, name) ? sampleOf(schemas[name] as Schema) : 1]);
      return merged([...parts, Object.fromEntries(members)]);
    }
    case "array":
      return Array.from({ length: Math.min(Number(schema.minItems ?? 0), MAX_ITEMS) }, () =>
        items === undefined ? 1 : sampleOf(items as Schema),
      );
    case "string":
      return textOf(Number(schema.minLength ?? 1));
    case "boolean":
      return true;
    case "null":
      return null;
    default: {
      const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Record<string, number | undefined>;
      return (
        minimum ??
        (exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : undefined) ??
        maximum ??
        (exclusiveMaximum !== undefined ? exclusiveMaximum - 1 : 1)
      );
    }
  }
}

/** Returns values at the limits that a schema's keywords set. */
function edgesOf(schema: Schema): unknown[] {
  if (typeof schema === "boolean") return [];
  const sample = sampleOf(schema);
  const lists = [schema.enum, schema.examples].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  const values: unknown[] = [sample, ...lists];
  for (const [keyword, value] of Object.entries(schema as JsonSchema)) {
    if (typeof value !== "number") continue;
    const near = [value - 1, value, value + 1];
    if (/imum$/.test(keyword)) values.push(...near, value - 0.5, value + 0.5, value - 0.001, value + 0.001);
    if (keyword === "multipleOf") values.push(value, value * 2, value * 3, value * 1.5);
    if (/Length$/.test(keyword)) values.push(...near.map(textOf));
    if (/Items$/.test(keyword)) {
      const item = Array.isArray(sample) && sample.length > 0 ? sample[0] : itemOf(schema);
      values.push(...near.map((length) => Array.from({ length: inRange(length, MAX_ITEMS) }, () => item)));
      values.push(...near.map((length) => Array.from({ length: inRange(length, MAX_ITEMS) }, (_, index) => index)));
      values.push(
        ...near.map((length) => Array.from({ length: inRange(length, MAX_ITEMS) }, (_, index) => `x${index}`)),
      );
    }
    if (/Properties$/.test(keyword)) {
      for (const count of near) {
        const names = Array.from({ length: inRange(count, MAX_ITEMS) }, (_, index) => [`other${index}`, 1]);
        values.push({ ...Object(sample), ...Object.fromEntries(names) }, Object.fromEntries(names));
      }
    }
  }
  for (const keyword of ["anyOf", "oneOf", "allOf"]) {
    const alternatives = schema[keyword];
    if (Array.isArray(alternatives)) values.push(...(alternatives as Schema[]).flatMap(edgesOf));
  }
  return values;
}

function itemOf({ items }: JsonSchema): unknown {
  return items === undefined ? 1 : sampleOf(items as Schema);
}

function textOf(length: number): string {
  return "x".repeat(inRange(length, MAX_TEXT));
}

function inRange(length: number, max: number): number {
  return Math.max(0, Math.min(max, length));
}

function merged(parts: readonly unknown[]): unknown {
  if (parts.some((part) => typeof part !== "object" || part === null || Array.isArray(part))) return parts[0];
  return Object.assign({}, ...(parts as object[]));
}

/** Returns a copy with another value at the path, or without one if the value is undefined. */
function changed(base: unknown, path: UnimpliedRule["path"], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (typeof name === "number") {
    const items = Array.isArray(base) ? (base as unknown[]) : [];
    const item = changed(items[0], rest, value);
    return item === undefined ? items.slice(1) : [item, ...items.slice(1)];
  }
  const members = typeof base === "object" && base !== null && !Array.isArray(base) ? (base as JsonSchema) : {};
  const { [name]: former, ...others } = members;
  const member = changed(former, rest, value);
  return member === undefined ? others : { ...others, [name]: member };
}
