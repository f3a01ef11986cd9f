import { isSafePattern } from "redos-detector";
import type { JsonSchema } from "./schema";

/** Types of items of which Ajv finds the repeated ones in linear time. It compares each pair of others, however large. */
const SCALAR_TYPES = ["string", "number", "integer", "boolean", "null"];
/** Number of ways in which a pattern may match a part of a text. A text that does not match costs as many steps a character. */
const MAX_PATTERN_SCORE = 50;
/** More steps take many seconds of a synth. */
const MAX_PATTERN_STEPS = 3_000;
/** Limit for patterns such as `(a{0,5000}){0,50}`, of which one step takes minutes. Others take far less on any machine. */
const PATTERN_TIMEOUT_MS = 10_000;
/** Number of schemas that apply to one event, with each reference followed. */
const MAX_SCHEMAS = 5_000;

/**
 * Number of checks of one value that an event can repeat, such as an item. As many checks of each value in 256 KiB take
 * about 0.05 s of a core, so a batch of 6 MB ends well before the function's timeout: docs/benchmarks.md.
 */
const MAX_CHECKS = 100;
/** A schema that does not match creates an error, which takes as long as this many checks. */
const ALTERNATIVE_CHECKS = 10;
/** Matching a name with a pattern, and comparing an object or a list, take as long as this many checks. */
const SLOW_CHECKS = 10;

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const SCHEMA_KEYWORDS = [
  ...["not", "if", "then", "else", "items", "contains", "additionalProperties", "unevaluatedProperties"],
  ...["unevaluatedItems", "propertyNames"],
];
/** Keywords whose schemas apply to any number of values. */
const REPEATING_KEYWORDS = [
  ...["items", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "propertyNames"],
  "patternProperties",
];
/** Keywords whose schemas may fail although the event is valid. */
const ALTERNATIVE_KEYWORDS = ["not", "if", "contains", "anyOf", "oneOf"];
/** Keywords whose schemas each apply to another value. */
const SEPARATE_KEYWORDS = ["properties", "prefixItems"];
/** Keywords that scan a text. */
const TEXT_KEYWORDS = ["pattern", "format", "minLength", "maxLength"];
const LIST_KEYWORDS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAP_KEYWORDS = ["properties", "patternProperties", "dependentSchemas"];
const DEFINITIONS = ["$defs", "definitions"];
/** Keywords of older dialects, which Ajv accepts, and what to use instead. */
const OLD_KEYWORDS = { dependencies: "dependentRequired or dependentSchemas", nullable: 'the type "null"' };
/** They would make the schema that a reference leads to depend on the event, or on another file. */
const REFUSED_KEYWORDS = ["$dynamicRef", "$dynamicAnchor", "$anchor", "$id", "$recursiveRef", "$vocabulary"];

/**
 * Returns why validating a hostile event by a schema could take long; undefined if it cannot. A batch has a deadline, so
 * one contract must not cost the other events of the batch their time.
 */
export function costProblem(schema: JsonSchema): string | undefined {
  try {
    new CostCheck(schema).check(schema, { place: "", references: [], isRepeated: false });
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

  /** Returns the number of checks of a value, or of the part of it that takes most. */
  check(schema: unknown, at: SchemaPlace): number {
    const { place, references, isRepeated } = at;
    this.schemas += 1;
    if (this.schemas > MAX_SCHEMAS) {
      throw new CostError(
        `the contract has more than ${MAX_SCHEMAS} schemas, with each $ref followed; make it smaller.`,
      );
    }
    if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return Number(isRepeated);
    const keywords = schema as JsonSchema;
    checkKeywords(keywords, place);
    let checks = ownChecks(keywords, isRepeated);
    let separate = 0;
    for (const { keyword, child, childPlace } of childrenOf(keywords, place)) {
      const repeats = isRepeated || REPEATING_KEYWORDS.includes(keyword);
      const childChecks = this.check(child, { place: childPlace, references, isRepeated: repeats });
      if (SEPARATE_KEYWORDS.includes(keyword)) separate = Math.max(separate, childChecks);
      else checks += childChecks + (repeats && ALTERNATIVE_KEYWORDS.includes(keyword) ? ALTERNATIVE_CHECKS : 0);
    }
    const { $ref } = keywords;
    if (typeof $ref === "string") checks += this.follow($ref, at);
    checks += separate;
    if (checks > MAX_CHECKS) {
      throw new CostError(
        `${place === "" ? "the contract" : place} checks one value more than ${MAX_CHECKS} times (${checks}), and an event can repeat the value. Use fewer members, listed values or alternatives, or fewer rules for the same text.`,
      );
    }
    // Definitions that nothing refers to must be cheap too: a later change may refer to them.
    for (const name of references.length === 0 ? DEFINITIONS : []) {
      for (const [key, child] of Object.entries(Object(keywords[name]))) {
        const childPlace = `${place}/${name}/${escaped(key)}`;
        this.check(child, { place: childPlace, references: [`#${childPlace}`], isRepeated: false });
      }
    }
    return checks;
  }

  private follow(reference: string, { place, references, isRepeated }: SchemaPlace): number {
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
    const schema = schemaAt(this.root, reference, place);
    return this.check(schema, { place: reference.slice(1), references: [...references, reference], isRepeated });
  }
}

/** The place of a schema, and the way to it. */
interface SchemaPlace {
  readonly place: string;
  /** The references that lead here. */
  readonly references: readonly string[];
  /** True if the event decides how many values the schema applies to. */
  readonly isRepeated: boolean;
}

/** Returns the number of checks besides those of the schemas below. Texts count even once, because of their length. */
function ownChecks(schema: JsonSchema, isRepeated: boolean): number {
  const { properties, required, enum: values, dependentRequired } = schema;
  const texts = TEXT_KEYWORDS.filter((keyword) => Object.hasOwn(schema, keyword)).length;
  if (!isRepeated) return texts;
  const isLarge = (value: unknown) => typeof value === "object" && value !== null;
  const slow = [...Object.keys(Object(schema.patternProperties)), ...Object.values(Object(values)).filter(isLarge)];
  const lists = [properties, required, values, dependentRequired].map((list) => Object.keys(Object(list)).length);
  return 1 + texts + slow.length * SLOW_CHECKS + lists.reduce((sum, length) => sum + length, 0);
}

function checkKeywords(schema: JsonSchema, place: string): void {
  const { pattern, patternProperties, uniqueItems, items } = schema;
  for (const [keyword, instead] of Object.entries(OLD_KEYWORDS)) {
    if (Object.hasOwn(schema, keyword)) throw new CostError(`${place}/${keyword} is not supported. Use ${instead}.`);
  }
  for (const keyword of REFUSED_KEYWORDS) {
    if (Object.hasOwn(schema, keyword) && !(keyword === "$id" && place === "")) {
      throw new CostError(
        `${place}/${keyword} is not supported. Use $ref with a JSON pointer, such as "#/$defs/target".`,
      );
    }
  }
  const itemTypes = [Object(items).type].flat();
  if (uniqueItems === true && !itemTypes.every((type) => SCALAR_TYPES.includes(type))) {
    throw new CostError(
      `${place}/uniqueItems can compare every pair of items. Use it only with items of these types, such as "items": {"type": "string"} in the same schema: ${SCALAR_TYPES.join(", ")}.`,
    );
  }
  if (typeof pattern === "string") checkPattern(pattern, `${place}/pattern`);
  for (const name of Object.keys(Object(patternProperties))) checkPattern(name, `${place}/patternProperties`);
}

/** Matches an escape or a character class, whose parentheses do not begin a group. */
const NO_GROUP = /\\.|\[(?:\\.|[^\]])*\]/gsu;
const LOOKAROUND = /\(\?<?[=!]/;

function checkPattern(pattern: string, place: string): void {
  const limits = {
    unicode: true,
    maxScore: MAX_PATTERN_SCORE,
    maxSteps: MAX_PATTERN_STEPS,
    timeout: PATTERN_TIMEOUT_MS,
  };
  try {
    new RegExp(pattern, "u");
    // The detector takes a lookaround for one step, but its repetitions can read the whole text at each character.
    if (LOOKAROUND.test(pattern.replaceAll(NO_GROUP, "")))
      throw new Error(
        "a lookahead or lookbehind can read the text again at each character. Use allOf with several patterns, or not with a pattern",
      );
    if (isSafePattern(pattern, limits).safe) return;
  } catch (cause) {
    throw new CostError(`${place} is ${JSON.stringify(pattern)}: ${(cause as Error).message}.`);
  }
  throw new CostError(
    `${place} is ${JSON.stringify(pattern)}, whose time can grow faster than the text that it is matched with. Begin it with ^, and let no two repeated parts match the same text.`,
  );
}

interface Child {
  readonly keyword: string;
  readonly child: unknown;
  readonly childPlace: string;
}

function* childrenOf(schema: JsonSchema, place: string): Generator<Child> {
  for (const keyword of SCHEMA_KEYWORDS) {
    if (Object.hasOwn(schema, keyword)) yield { keyword, child: schema[keyword], childPlace: `${place}/${keyword}` };
  }
  for (const keyword of [...LIST_KEYWORDS, ...MAP_KEYWORDS]) {
    for (const [name, child] of Object.entries(Object(schema[keyword]))) {
      yield { keyword, child, childPlace: `${place}/${keyword}/${escaped(name)}` };
    }
  }
}

function schemaAt(root: JsonSchema, reference: string, place: string): unknown {
  let schema: unknown = root;
  for (const token of decoded(reference, place).split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof schema !== "object" || schema === null || !Object.hasOwn(schema, name)) {
      throw new CostError(`${place}/$ref is ${JSON.stringify(reference)}, which is not in the file.`);
    }
    schema = (schema as JsonSchema)[name];
  }
  return schema;
}

function decoded(reference: string, place: string): string {
  try {
    return decodeURIComponent(reference);
  } catch (cause) {
    throw new CostError(`${place}/$ref is ${JSON.stringify(reference)}: ${(cause as Error).message}.`);
  }
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
