import { isDeepStrictEqual } from "node:util";
import { validatorOf } from "../compile";
import type { JsonSchema } from "../schema";
import type { Schema } from "./inline";

/** The way from an event to a value: names of members, and 0 for the items of an array. */
export type Path = readonly (string | number)[];

/** A rule of the new schema that the old schema does not imply. */
export interface UnimpliedRule {
  readonly path: Path;
  /** The keyword. */
  readonly rule: string;
  /** The schemas that all apply at the path in the old contract. */
  readonly old: readonly Schema[];
  /** The new schema at the path. */
  readonly next: Schema;
}

/** Number of comparisons, after which no rule counts as implied. Alternatives multiply. */
const MAX_STEPS = 20_000;

const TYPES = ["null", "boolean", "number", "integer", "string", "array", "object"];
/** The types that a keyword applies to. A keyword that is not listed applies to every type. */
const TYPES_OF_KEYWORDS: Readonly<Record<string, string>> = {
  ...byKeyword("number integer", "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
  ...byKeyword("string", "minLength maxLength pattern format"),
  ...byKeyword("array", "minItems maxItems items prefixItems uniqueItems contains unevaluatedItems"),
  ...byKeyword("object", "required properties patternProperties additionalProperties propertyNames"),
  ...byKeyword("object", "minProperties maxProperties dependentRequired dependentSchemas unevaluatedProperties"),
};
/** Keywords, and others of the same schema that they read. */
const READ_WITH: Readonly<Record<string, readonly string[]>> = {
  additionalProperties: ["properties", "patternProperties"],
  items: ["prefixItems"],
  if: ["then", "else"],
  contains: ["minContains", "maxContains"],
};
/** Keywords that only another keyword reads. */
const PARTS = new Set(["then", "else", "minContains", "maxContains"]);

function byKeyword(types: string, keywords: string): Record<string, string> {
  return Object.fromEntries(keywords.split(" ").map((keyword) => [keyword, types]));
}

/**
 * Returns the rules of `next` that the old schemas together do not imply. Without any, each value that is valid under
 * all the old schemas is valid under `next`. Otherwise, such a value may not be.
 */
export function unimpliedRules(old: readonly Schema[], next: Schema): UnimpliedRule[] {
  const comparison = new Comparison();
  comparison.compare(old, next, []);
  return comparison.found;
}

class Comparison {
  found: UnimpliedRule[] = [];
  private steps = 0;

  /** @param given - Schemas of the old contract that all apply. */
  compare(given: readonly Schema[], next: Schema, path: Path): void {
    const old = conjunctsOf(given);
    const add = (rule: string) => this.found.push({ path, rule, old, next });
    this.steps += 1;
    if (this.steps > MAX_STEPS) return void add("too many alternatives");
    if (next === true || old.includes(false) || includes(given, next)) return;
    if (next === false) return void add("false schema");
    const values = valuesOf(old);
    if (values) {
      if (!values.every((value) => isValid(next, value))) add(Object.hasOwn(next, "const") ? "const" : "enum");
      return;
    }
    const types = typesOf(old);
    for (const keyword of Object.keys(next)) {
      const applicable = TYPES_OF_KEYWORDS[keyword]?.split(" ") ?? TYPES;
      if (PARTS.has(keyword) || !applicable.some((type) => types.has(type))) continue;
      this.compareKeyword(keyword, old, next, path);
    }
  }

  private compareKeyword(keyword: string, old: readonly Schema[], next: JsonSchema, path: Path): void {
    const before = this.found.length;
    const isImplied = this.checkKeyword(keyword, objectsIn(old), next, path);
    if (isImplied === false) this.found.push({ path, rule: keyword, old, next });
    if (this.found.length === before) return;
    // Each alternative of the old contract may imply what the alternatives together do not show.
    const rule = picked(next, [keyword, ...(READ_WITH[keyword] ?? [])]);
    if (alternativesOf(old)?.every((schemas) => this.isImpliedBy(schemas, rule))) this.found.length = before;
  }

  private isImpliedBy(given: readonly Schema[], next: Schema): boolean {
    const before = this.found.length;
    this.compare(given, next, []);
    const isImplied = this.found.length === before;
    this.found.length = before;
    return isImplied;
  }

  /** Returns false if the keyword's rule is not implied. Adds the rules of schemas below it to `found` itself. */
  private checkKeyword(keyword: string, old: readonly JsonSchema[], next: JsonSchema, path: Path): boolean | undefined {
    const value = next[keyword];
    const limit = Number(value);
    const has = (name: string, isEnough: (given: number) => boolean) =>
      old.some((schema) => typeof schema[name] === "number" && isEnough(schema[name]));
    switch (keyword) {
      case "type": {
        const allowed = new Set([value].flat());
        return [...typesOf(old)].every((type) => allowed.has(type) || (type === "integer" && allowed.has("number")));
      }
      case "minimum":
        return has("minimum", (given) => given >= limit) || has("exclusiveMinimum", (given) => given >= limit);
      case "maximum":
        return has("maximum", (given) => given <= limit) || has("exclusiveMaximum", (given) => given <= limit);
      case "exclusiveMinimum":
        return has("minimum", (given) => given > limit) || has("exclusiveMinimum", (given) => given >= limit);
      case "exclusiveMaximum":
        return has("maximum", (given) => given < limit) || has("exclusiveMaximum", (given) => given <= limit);
      case "minLength":
      case "minItems":
      case "minProperties":
        return limit === 0 || has(keyword, (given) => given >= limit);
      case "maxLength":
      case "maxItems":
      case "maxProperties":
        return has(keyword, (given) => given <= limit);
      case "uniqueItems":
        return value === false || old.some(({ uniqueItems }) => uniqueItems === true) || has("maxItems", (n) => n <= 1);
      case "required": {
        const required = new Set(old.flatMap((schema) => (schema.required as string[]) ?? []));
        const missing = (value as string[]).filter((name) => !required.has(name));
        for (const name of missing) this.found.push({ path: [...path, name], rule: keyword, old: [], next: false });
        return undefined;
      }
      case "properties":
        for (const [name, schema] of Object.entries(value as Record<string, Schema>)) {
          this.compare(memberSchemas(old, name), schema, [...path, name]);
        }
        return undefined;
      case "additionalProperties":
        return this.checkAdditionalProperties(old, next, path);
      case "items": {
        if (next.prefixItems !== undefined) return hasEqual(old, next, keyword);
        const given = old.filter(({ items, prefixItems }) => items !== undefined && prefixItems === undefined);
        const items = given.map((schema) => schema.items as Schema);
        this.compare(items, value as Schema, [...path, 0]);
        return undefined;
      }
      case "allOf":
        for (const schema of value as Schema[]) this.compare(old, schema, path);
        return undefined;
      case "anyOf":
        return (value as Schema[]).some((schema) => this.isImpliedBy(old, schema)) || hasEqual(old, next, keyword);
      case "unevaluatedProperties":
      case "unevaluatedItems":
        // They depend on every other keyword of the schema, and equal schemas were recognized before.
        return value === true;
      default:
        return hasEqual(old, next, keyword);
    }
  }

  /** Compares the members of an event that the new schema does not name. */
  private checkAdditionalProperties(old: readonly JsonSchema[], next: JsonSchema, path: Path): undefined {
    const value = next.additionalProperties as Schema;
    const patterns = Object.keys(Object(next.patternProperties));
    const isNamed = (name: string) =>
      Object.hasOwn(Object(next.properties), name) || patterns.some((pattern) => new RegExp(pattern, "u").test(name));
    const names = new Set(old.flatMap(({ properties }) => Object.keys(Object(properties))));
    for (const name of names) {
      if (!isNamed(name)) this.compare(memberSchemas(old, name), value, [...path, name]);
    }
    // No name that remains matches a pattern of these schemas.
    const closed = old.filter(
      ({ additionalProperties, patternProperties }) =>
        additionalProperties !== undefined &&
        Object.keys(Object(patternProperties)).every((pattern) => patterns.includes(pattern)),
    );
    const others = closed.map(({ additionalProperties }) => additionalProperties as Schema);
    this.compare(others, value, [...path, unnamedIn([...old, next])]);
  }
}

function picked(schema: JsonSchema, keywords: readonly string[]): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keywords.includes(keyword)));
}

/** Returns whether an old schema has the keyword, and those that it reads, with the same values. */
function hasEqual(old: readonly JsonSchema[], next: JsonSchema, keyword: string): boolean {
  const keywords = [keyword, ...(READ_WITH[keyword] ?? [])];
  return old.some((schema) => isDeepStrictEqual(picked(schema, keywords), picked(next, keywords)));
}

function objectsIn(schemas: readonly Schema[]): JsonSchema[] {
  return schemas.filter((schema) => typeof schema === "object");
}

/** Returns whether one of the schemas, or of those in an `allOf`, equals another schema. */
function includes(schemas: readonly Schema[], other: Schema): boolean {
  return schemas.some(
    (schema) => isDeepStrictEqual(schema, other) || (typeof schema === "object" && includes(allOf(schema), other)),
  );
}

/** Returns the schemas, with each `allOf` replaced by what it lists. */
function conjunctsOf(schemas: readonly Schema[]): Schema[] {
  return schemas.flatMap((schema) => {
    if (typeof schema === "boolean" || schema.allOf === undefined) return [schema];
    return [without(schema, "allOf"), ...conjunctsOf(allOf(schema))];
  });
}

function allOf(schema: JsonSchema): readonly Schema[] {
  return (schema.allOf as Schema[] | undefined) ?? [];
}

/**
 * Returns the schema without a keyword. Also removes keywords that would refuse more without it, because fewer members or
 * items would be evaluated.
 */
function without(schema: JsonSchema, removed: string): JsonSchema {
  const { [removed]: _, unevaluatedProperties, unevaluatedItems, ...rest } = schema;
  return rest;
}

/** Returns the schemas with one of their lists of alternatives written out; undefined without alternatives. */
function alternativesOf(old: readonly Schema[]): Schema[][] | undefined {
  for (const schema of objectsIn(old)) {
    for (const keyword of ["anyOf", "oneOf", "type"]) {
      const list = schema[keyword];
      if (!Array.isArray(list) || list.length === 0) continue;
      const others = [...old.filter((other) => other !== schema), without(schema, keyword)];
      return list.map((each: unknown) => [...others, keyword === "type" ? { type: each } : (each as Schema)]);
    }
  }
  return undefined;
}

/** Returns the values that the old contract allows, if it lists them. */
function valuesOf(old: readonly Schema[]): unknown[] | undefined {
  const list = objectsIn(old).find((schema) => Object.hasOwn(schema, "const") || Array.isArray(schema.enum));
  if (!list) return undefined;
  const values = Object.hasOwn(list, "const") ? [list.const] : (list.enum as unknown[]);
  return values.filter((value) => old.every((schema) => isValid(schema, value)));
}

function typesOf(old: readonly Schema[]): Set<string> {
  let types = TYPES;
  for (const { type } of objectsIn(old)) {
    if (type === undefined) continue;
    const listed = [type].flat();
    types = types.filter((name) => listed.includes(name) || (name === "integer" && listed.includes("number")));
  }
  return new Set(types);
}

/** Returns the schemas that apply to a member. */
function memberSchemas(old: readonly JsonSchema[], name: string): Schema[] {
  return old.flatMap(({ properties, patternProperties, additionalProperties }) => {
    const matching = Object.entries(Object(patternProperties) as Record<string, Schema>)
      .filter(([pattern]) => new RegExp(pattern, "u").test(name))
      .map(([, schema]) => schema);
    const own = Object.hasOwn(Object(properties), name) ? [(properties as Record<string, Schema>)[name] as Schema] : [];
    const schemas = [...own, ...matching];
    if (schemas.length > 0) return schemas;
    return additionalProperties === undefined ? [] : [additionalProperties as Schema];
  });
}

/** Returns a name that no schema has among its properties. */
function unnamedIn(schemas: readonly JsonSchema[]): string {
  const names = new Set(schemas.flatMap(({ properties }) => Object.keys(Object(properties))));
  let name = "other";
  while (names.has(name)) name += "_";
  return name;
}

function isValid(schema: Schema, value: unknown): boolean {
  return typeof schema === "boolean" ? schema : validatorOf(schema)(value);
}
