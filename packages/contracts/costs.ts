import { isSafePattern } from "redos-detector";
import type { JsonSchema } from "./schema";

/** `uniqueItems` compares each pair of items. */
const MAX_UNIQUE_ITEMS = 100;
/** Number of ways in which a pattern may match a part of a text. A text that does not match costs as many steps a character. */
const MAX_PATTERN_SCORE = 50;
const MAX_PATTERN_STEPS = 20_000;
/** For patterns such as `(a{0,5000}){0,50}`, one step takes minutes. Other patterns take far less on any machine. */
const PATTERN_TIMEOUT_MS = 5_000;
/** Number of schemas that apply to one event, with each reference followed. */
const MAX_SCHEMAS = 5_000;

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const SCHEMA_KEYWORDS = [
  ...["not", "if", "then", "else", "items", "contains", "additionalProperties", "unevaluatedProperties"],
  ...["unevaluatedItems", "propertyNames"],
];
const LIST_KEYWORDS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAP_KEYWORDS = ["properties", "patternProperties", "dependentSchemas"];
const DEFINITIONS = ["$defs", "definitions"];
/** They would make the schema that a reference leads to depend on the event, or on another file. */
const REFUSED_KEYWORDS = ["$dynamicRef", "$dynamicAnchor", "$anchor", "$id", "$recursiveRef", "$vocabulary"];

/**
 * Returns why validating a hostile event by a schema could take long; undefined if it cannot. A batch has a deadline, so
 * one contract must not cost the other events of the batch their time.
 */
export function costProblem(schema: JsonSchema): string | undefined {
  try {
    new CostCheck(schema).check(schema, "", []);
    return undefined;
  } catch (error) {
    if (error instanceof CostError) return error.message;
    throw error;
  }
}

class CostError extends Error {}

class CostCheck {
  private schemas = 0;

  constructor(private readonly root: JsonSchema) {}

  /** @param references - The references that lead here. */
  check(schema: unknown, place: string, references: readonly string[]): void {
    this.schemas += 1;
    if (this.schemas > MAX_SCHEMAS) {
      throw new CostError(
        `the contract has more than ${MAX_SCHEMAS} schemas, with each $ref followed; make it smaller.`,
      );
    }
    if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return;
    const keywords = schema as JsonSchema;
    checkKeywords(keywords, place);
    for (const [child, childPlace] of childrenOf(keywords, place)) this.check(child, childPlace, references);
    const { $ref } = keywords;
    if (typeof $ref === "string") this.follow($ref, place, references);
    // Definitions that nothing refers to must be cheap too: a later change may refer to them.
    for (const name of references.length === 0 ? DEFINITIONS : []) {
      for (const [key, child] of Object.entries(Object(keywords[name]))) {
        this.check(child, `${place}/${name}/${escaped(key)}`, [`#${place}/${name}/${escaped(key)}`]);
      }
    }
  }

  private follow(reference: string, place: string, references: readonly string[]): void {
    if (!/^#(?:\/|$)/.test(reference)) {
      throw new CostError(
        `${place}/$ref is ${JSON.stringify(reference)}; it must lead to a place in the same file, such as "#/$defs/target".`,
      );
    }
    if (reference === "#" || references.includes(reference) || `#${place}`.startsWith(`${reference}/`)) {
      throw new CostError(
        `${place}/$ref leads back to a schema that contains it. The publisher decides how deep an event is, and the time could grow exponentially with the depth. Write out the levels that you expect.`,
      );
    }
    this.check(schemaAt(this.root, reference, place), reference.slice(1), [...references, reference]);
  }
}

function checkKeywords(schema: JsonSchema, place: string): void {
  const { pattern, patternProperties, uniqueItems, maxItems } = schema;
  for (const keyword of REFUSED_KEYWORDS) {
    if (Object.hasOwn(schema, keyword) && !(keyword === "$id" && place === "")) {
      throw new CostError(
        `${place}/${keyword} is not supported. Use $ref with a JSON pointer, such as "#/$defs/target".`,
      );
    }
  }
  if (uniqueItems === true && !(typeof maxItems === "number" && maxItems <= MAX_UNIQUE_ITEMS)) {
    throw new CostError(
      `${place}/uniqueItems compares every pair of items, so it needs maxItems of at most ${MAX_UNIQUE_ITEMS} beside it.`,
    );
  }
  if (typeof pattern === "string") checkPattern(pattern, `${place}/pattern`);
  for (const name of Object.keys(Object(patternProperties))) checkPattern(name, `${place}/patternProperties`);
}

function checkPattern(pattern: string, place: string): void {
  try {
    new RegExp(pattern, "u");
  } catch (cause) {
    throw new CostError(`${place}: ${(cause as Error).message}.`);
  }
  const { safe } = isSafePattern(pattern, {
    unicode: true,
    maxScore: MAX_PATTERN_SCORE,
    maxSteps: MAX_PATTERN_STEPS,
    timeout: PATTERN_TIMEOUT_MS,
  });
  if (safe) return;
  throw new CostError(
    `${place} is ${JSON.stringify(pattern)}, whose time can grow faster than the text that it is matched with. Begin it with ^, and let no two repeated parts match the same text.`,
  );
}

function* childrenOf(schema: JsonSchema, place: string): Generator<readonly [schema: unknown, place: string]> {
  for (const keyword of SCHEMA_KEYWORDS)
    if (Object.hasOwn(schema, keyword)) yield [schema[keyword], `${place}/${keyword}`];
  for (const keyword of LIST_KEYWORDS) {
    const list = schema[keyword];
    if (Array.isArray(list)) for (const [index, child] of list.entries()) yield [child, `${place}/${keyword}/${index}`];
  }
  for (const keyword of MAP_KEYWORDS) {
    for (const [name, child] of Object.entries(Object(schema[keyword]))) {
      yield [child, `${place}/${keyword}/${escaped(name)}`];
    }
  }
}

function schemaAt(root: JsonSchema, reference: string, place: string): unknown {
  let schema: unknown = root;
  for (const token of decodeURIComponent(reference).split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof schema !== "object" || schema === null || !Object.hasOwn(schema, name)) {
      throw new CostError(`${place}/$ref is ${JSON.stringify(reference)}, which is not in the file.`);
    }
    schema = (schema as JsonSchema)[name];
  }
  return schema;
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
