import type { JsonSchema } from "../schema";
import type { Path, UnimpliedRule } from "./implied";
import type { Schema } from "./inline";

/** The longest text and list that are tried. */
const MAX_CHARACTERS = 10_000;
const MAX_ITEMS = 1_000;

/** Values that a rule often refuses, and one of each format. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e9, -1e9, "", "x", "Other 1", [], {}, [1], ["x"], [1, 1], { other: 1 }],
  ...["2026-01-02T03:04:05Z", "2026-01-02", "03:04:05Z", "P1D", "a@b.example", "b.example", "192.0.2.1"],
  ...["2001:db8::1", "https://b.example/", "a/b", "0f0c4f0e-6f0e-4e7b-9d3b-0d6c1c5f8a10", "/a"],
];

/**
 * Yields events that may be valid under the old contract and not under the new one: the base, and the base with another
 * value or none where the rule applies.
 *
 * @param base - An event that is valid under the old contract.
 */
export function* candidates({ path, old, next }: UnimpliedRule, base: unknown): Generator<unknown> {
  yield base;
  yield changed(base, path, undefined);
  const present = path.reduce<unknown>((value, step) => Object(value)[step], base);
  const values = [...[...old, next].flatMap((schema) => [...edgesOf(schema, present)]), ...VALUES];
  for (const value of values) yield changed(base, path, value);
}

/**
 * Returns a small value that is likely to be valid under the schemas, with a value at the path.
 *
 * @example
 * sampleOf([{ required: ["id"], properties: { id: { type: "string" } } }], []); // { id: "x" }
 */
export function sampleOf(schemas: readonly Schema[], [step, ...path]: Path): unknown {
  const all = schemas.flatMap(partsOf);
  const listing = all.find((schema) => Object.hasOwn(schema, "const") || Array.isArray(schema.enum));
  if (listing) return Object.hasOwn(listing, "const") ? listing.const : (listing.enum as unknown[])[0];
  const numbers = (keyword: string) => all.flatMap((schema) => Number(schema[keyword] ?? []));
  const [type = typeof step === "number" ? "array" : "object"] = all.flatMap((schema) => schema.type ?? []);
  switch (type) {
    case "object": {
      const names = new Set(all.flatMap(({ required = [] }) => required as string[]));
      if (typeof step === "string") names.add(step);
      const members = [...names].map((name) => {
        const member = all.flatMap(({ properties }) => {
          const schemasByName = Object(properties) as Record<string, Schema>;
          return Object.hasOwn(schemasByName, name) ? [schemasByName[name] as Schema] : [];
        });
        return [name, member.length === 0 ? "x" : sampleOf(member, name === step ? path : [])];
      });
      return Object.fromEntries(members);
    }
    case "array": {
      const length = Math.max(step === undefined ? 0 : 1, ...numbers("minItems"));
      const items = all.flatMap<Schema>((schema) => (schema.items as Schema | undefined) ?? []);
      const item = sampleOf(items, path);
      return Array.from({ length: Math.min(length, MAX_ITEMS) }, () => item);
    }
    case "string": {
      const format = all.find((schema) => schema.format !== undefined);
      return format ? "2026-01-02T03:04:05Z" : textOf(Math.max(1, ...numbers("minLength")));
    }
    case "boolean":
      return true;
    case "null":
      return null;
    default: {
      const low = Math.max(...numbers("minimum"), ...numbers("exclusiveMinimum").map((limit) => limit + 1));
      const high = Math.min(...numbers("maximum"), ...numbers("exclusiveMaximum").map((limit) => limit - 1));
      return [low, high, 1].find(Number.isFinite);
    }
  }
}

/** Returns the schema, and one of each list of its alternatives. */
function partsOf(schema: Schema): JsonSchema[] {
  if (typeof schema === "boolean") return [];
  const { allOf = [], anyOf, oneOf } = schema;
  const alternatives = [anyOf, oneOf].flatMap<Schema>((list) => (list as Schema[] | undefined)?.[0] ?? []);
  return [schema, ...(allOf as Schema[]).flatMap(partsOf), ...alternatives.flatMap(partsOf)];
}

/** Yields values at the limits that a schema's keywords set. @param present - The value in the event. */
function* edgesOf(schema: Schema, present: unknown): Generator<unknown> {
  if (typeof schema === "boolean") return;
  const sample = sampleOf([schema], []);
  yield sample;
  if (Object.hasOwn(schema, "const")) yield schema.const;
  if (Array.isArray(schema.enum)) yield* schema.enum as unknown[];
  for (const [keyword, limit] of Object.entries(schema)) {
    if (typeof limit !== "number") continue;
    const near = [limit - 1, limit, limit + 1];
    if (/imum$|multipleOf/.test(keyword)) yield* [...near, limit - 0.5, limit + 0.5, limit * 2, limit * 1.5];
    if (/Length$/.test(keyword)) yield* near.map(textOf);
    for (const count of near.filter((each) => each >= 0 && each <= MAX_ITEMS)) {
      const indexes = Array.from({ length: count }, (_, index) => index);
      if (/Items$/.test(keyword)) {
        const item = sampleOf([schema.items ?? {}] as Schema[], []);
        yield* [indexes.map(() => item), indexes, indexes.map((index) => `x${index}`)];
      }
      if (/Properties$/.test(keyword)) {
        const members = Object.entries({ ...Object(sample), ...(isObject(present) && present) });
        const others = indexes.map((index) => [`other${index}`, "x"] as const);
        yield Object.fromEntries([...members, ...others].slice(0, count));
      }
    }
  }
  for (const keyword of ["allOf", "anyOf", "oneOf"]) {
    for (const child of (schema[keyword] as Schema[] | undefined) ?? []) yield* edgesOf(child, present);
  }
}

function textOf(length: number): string {
  return "x".repeat(Math.max(0, Math.min(length, MAX_CHARACTERS)));
}

/** Returns a copy with another value at the path, or without one if the value is undefined. */
function changed(base: unknown, [step, ...path]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const [first, ...others] = Array.isArray(base) ? (base as unknown[]) : [];
    const item = changed(first, path, value);
    return item === undefined ? others : [item, ...others];
  }
  const members = isObject(base) ? base : {};
  const { [step]: former, ...others } = members;
  const member = changed(Object.hasOwn(members, step) ? former : undefined, path, value);
  return member === undefined ? others : { ...others, [step]: member };
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
