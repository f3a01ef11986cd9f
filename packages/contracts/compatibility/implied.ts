import { isDeepStrictEqual } from "node:util";
import { compileContract, instantiate } from "../compile";
import type { JsonSchema } from "../schema";
import type { Schema } from "./inline";

/** A rule of the new schema that the old schema does not imply. */
export interface UnimpliedRule {
  /** Where the rule applies in an event: names of members, and 0 for the items of an array. */
  readonly path: readonly (string | number)[];
  /** The keyword. */
  readonly rule: string;
  /** The schemas that all apply at the path in the old contract. */
  readonly old: readonly Schema[];
  /** The new schema at the path. */
  readonly next: Schema;
}

/** Number of comparisons, after which the answer is that the rules are not implied. Alternatives multiply. */
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
/** Keywords that another keyword reads: `if` reads `then`. */
const PARTS = new Set(["then", "else", "minContains", "maxContains", "nullable"]);

function byKeyword(types: string, keywords: string): Record<string, string> {
  return Object.fromEntries(keywords.split(" ").map((keyword) => [keyword, types]));
}

/**
 * Returns the rules of `next` that `old` does not imply. Without any, each event that is valid under `old` is valid under
 * `next`. Otherwise, such an event may not be. An event is an object.
 */
export function unimpliedRules(old: Schema, next: Schema): UnimpliedRule[] {
  const comparison = new Comparison();
  comparison.compare([old, { type: "object" }], next, []);
  return comparison.found;
}

class Comparison {
  found: UnimpliedRule[] = [];
  private steps = 0;

  /** @param given - Schemas of the old contract that all apply. */
  compare(given: readonly Schema[], next: Schema, path: UnimpliedRule["path"]): void {
    const old = conjunctsOf(given);
    const add = (rule: string) => this.found.push({ path, rule, old, next });
    this.steps += 1;
    if (this.steps > MAX_STEPS) return void add("size");
    if (next === true || old.includes(false) || given.some((schema) => isDeepStrictEqual(schema, next))) return;
    if (next === false) return void add("false");
    const values = valuesOf(old);
    if (values) {
      if (!values.every((value) => isValid(next, value))) add("enum" in next || "const" in next ? "enum" : "type");
      return;
    }
    const types = typesOf(old);
    for (const [keyword, value] of Object.entries(next)) {
      const applicable = TYPES_OF_KEYWORDS[keyword]?.split(" ") ?? TYPES;
      if (PARTS.has(keyword) || !applicable.some((type) => types.has(type))) continue;
      this.compareKeyword(keyword, value, old, next, path);
    }
  }

  private compareKeyword(
    keyword: string,
    value: unknown,
    old: readonly Schema[],
    next: JsonSchema,
    path: UnimpliedRule["path"],
  ): void {
    const before = this.found.length;
    const isImplied = this.checkKeyword(keyword, value, objectsIn(old), next, path);
    if (isImplied === false) this.found.push({ path, rule: keyword, old, next });
    if (this.found.length === before) return;
    // Each alternative of the old contract may imply what the alternatives together do not show.
    const alternatives = alternativesOf(old);
    if (alternatives?.every((schemas) => this.isImpliedBy(schemas, { ...partsOf(keyword, next) }))) {
      this.found.length = before;
    }
  }

  private isImpliedBy(given: readonly Schema[], next: Schema): boolean {
    const before = this.found.length;
    this.compare(given, next, []);
    const isImplied = this.found.length === before;
    this.found.length = before;
    return isImplied;
  }

  /** Returns false if the keyword's rule is not implied. Adds the rules of schemas below it to `found` itself. */
  private checkKeyword(
    keyword: string,
    value: unknown,
    old: readonly JsonSchema[],
    next: JsonSchema,
    path: UnimpliedRule["path"],
  ): boolean | undefined {
    const limit = Number(value);
    const has = (name: string, isEnough: (given: number) => boolean) =>
      old.some((schema) => typeof schema[name] === "number" && isEnough(schema[name]));
    switch (keyword) {
      case "type": {
        const allowed = new Set([value, next.nullable === true ? "null" : []].flat());
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
        return this.checkAdditionalProperties(value as Schema, old, next, path);
      case "items": {
        if (next.prefixItems !== undefined) return hasEqual(old, next, ["items", "prefixItems"]);
        const open = old.filter((schema) => schema.prefixItems === undefined && schema.items !== undefined);
        this.compare(
          open.map(({ items }) => items as Schema),
          value as Schema,
          [...path, 0],
        );
        return undefined;
      }
      case "allOf":
        for (const schema of value as Schema[]) this.compare(old, schema, path);
        return undefined;
      case "anyOf":
        return (value as Schema[]).some((schema) => this.isImpliedBy(old, schema)) || hasEqual(old, next, ["anyOf"]);
      case "if":
        return hasEqual(old, next, ["if", "then", "else"]);
      case "contains":
        return hasEqual(old, next, ["contains", "minContains", "maxContains"]);
      case "unevaluatedProperties":
      case "unevaluatedItems":
        // They depend on every keyword beside them.
        return value === true;
      case "enum":
      case "const":
      case "not":
      case "oneOf":
      case "pattern":
      case "format":
      case "multipleOf":
      case "prefixItems":
      case "patternProperties":
      case "propertyNames":
      case "dependentRequired":
      case "dependentSchemas":
        return hasEqual(old, next, [keyword]);
      default:
        return false;
    }
  }

  /** Compares the members of an event that the new schema does not name. */
  private checkAdditionalProperties(
    value: Schema,
    old: readonly JsonSchema[],
    next: JsonSchema,
    path: UnimpliedRule["path"],
  ): boolean | undefined {
    if (value === true) return true;
    const patterns = Object.keys(Object(next.patternProperties));
    const isNamed = (name: string) =>
      Object.hasOwn(Object(next.properties), name) || patterns.some((pattern) => new RegExp(pattern, "u").test(name));
    const names = new Set(old.flatMap(({ properties }) => Object.keys(Object(properties))));
    for (const name of names) {
      if (!isNamed(name)) this.compare(memberSchemas(old, name), value, [...path, name]);
    }
    const closed = old.filter(
      ({ additionalProperties, patternProperties }) =>
        additionalProperties !== undefined &&
        Object.keys(Object(patternProperties)).every((pattern) => patterns.includes(pattern)),
    );
    const others = closed.map(({ additionalProperties }) => additionalProperties as Schema);
    this.compare(others, value, [...path, otherName(old, next)]);
    return undefined;
  }
}

/** Returns the keyword with those that belong to it, as a schema. */
function partsOf(keyword: string, next: JsonSchema): JsonSchema {
  const groups: Readonly<Record<string, readonly string[]>> = {
    additionalProperties: ["properties", "patternProperties"],
    unevaluatedProperties: Object.keys(next),
    unevaluatedItems: Object.keys(next),
    items: ["prefixItems"],
    if: ["then", "else"],
    contains: ["minContains", "maxContains"],
    type: ["nullable"],
  };
  const names = [keyword, ...(groups[keyword] ?? [])].filter((name) => Object.hasOwn(next, name));
  return Object.fromEntries(names.map((name) => [name, next[name]]));
}

function hasEqual(old: readonly JsonSchema[], next: JsonSchema, keywords: readonly string[]): boolean {
  return old.some((schema) => keywords.every((keyword) => isDeepStrictEqual(schema[keyword], next[keyword])));
}

function objectsIn(schemas: readonly Schema[]): JsonSchema[] {
  return schemas.filter((schema) => typeof schema === "object");
}

/** Returns the schemas and those in their `allOf`, which all apply. */
function conjunctsOf(schemas: readonly Schema[]): Schema[] {
  return schemas.flatMap((schema) => [
    schema,
    ...(typeof schema === "object" && Array.isArray(schema.allOf) ? conjunctsOf(schema.allOf as Schema[]) : []),
  ]);
}

/** Returns the schemas with one of their lists of alternatives written out; undefined without alternatives. */
function alternativesOf(old: readonly Schema[]): Schema[][] | undefined {
  for (const schema of objectsIn(old)) {
    for (const keyword of ["anyOf", "oneOf"]) {
      const { [keyword]: alternatives, ...rest } = schema;
      if (!Array.isArray(alternatives)) continue;
      const others = old.filter((other) => other !== schema);
      return (alternatives as Schema[]).map((alternative) => [...others, rest, alternative]);
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
  for (const { type, nullable } of objectsIn(old)) {
    if (type === undefined) continue;
    const allowed = [type, nullable === true ? "null" : [], [type].flat().includes("number") ? "integer" : []].flat();
    types = types.filter((name) => allowed.includes(name));
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

/** Returns the name of a member that neither contract names. */
function otherName(old: readonly JsonSchema[], next: JsonSchema): string {
  const names = new Set([...old, next].flatMap(({ properties }) => Object.keys(Object(properties))));
  let name = "other";
  while (names.has(name)) name += "_";
  return name;
}

function isValid(schema: Schema, value: unknown): boolean {
  return typeof schema === "boolean" ? schema : instantiate(compileContract(schema))(value);
}
