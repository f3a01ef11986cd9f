import { hash } from "node:crypto";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { formatDecimal, parseDecimal } from "@event-pipeline/event-model/item/decimal";
import { JsonNumber, type JsonValue, parseJson } from "@event-pipeline/event-model/json";
import { compileContract, instantiate } from "./compile";
import { costProblem } from "./costs";
import { type JsonSchema, TYPE_KEYWORD, VERSION_KEYWORD } from "./schema";
import { describeViolation } from "./violation";

/** The contract of an event type. */
export interface Contract {
  readonly type: string;
  readonly version: string;
  readonly schema: JsonSchema;
  /** SHA-256 of the schema's JSON, as 64 hexadecimal digits. */
  readonly hash: string;
}

/** Thrown for a contract or a mapping that cannot be used. The message names the file. */
export class ContractError extends Error {
  override readonly name = "ContractError";
}

const DIALECT = "https://json-schema.org/draft/2020-12/schema";
const MAX_VERSION_CHARACTERS = 64;
/** Deeper schemas and examples could overflow the stack. */
const MAX_NESTING = 200;

/**
 * Reads a contract.
 *
 * @param file - The file's name, for errors.
 * @param text - JSON Schema 2020-12 with `title`, `description`, `examples`, `x-event-type` and `x-version`.
 * @throws ContractError naming the file, the keyword and what is allowed.
 * @see https://json-schema.org/draft/2020-12/json-schema-core
 * @example
 * const { type, version } = readContract("finding-new.json", readFileSync("events/finding-new.json", "utf8"));
 */
export function readContract(file: string, text: string): Contract {
  const schema = readJson(file, text);
  const fail = (problem: string): never => {
    throw new ContractError(`${file}: ${problem}`);
  };
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    return fail('the contract must be a JSON object, such as {"x-event-type": "finding.new", …}.');
  }
  const contract = schema as JsonSchema;
  const { $schema = DIALECT, examples } = contract;
  if ($schema !== DIALECT) fail(`$schema is ${excerpt(JSON.stringify($schema))}; it must be "${DIALECT}", or absent.`);
  const textOf = (keyword: string, use: string): string => {
    const value = contract[keyword];
    if (typeof value === "string" && value.trim() !== "" && value.isWellFormed()) return value;
    return fail(
      `${keyword} is ${value === undefined ? "missing" : excerpt(JSON.stringify(value))}; it must be a non-empty text: ${use}.`,
    );
  };
  const type = textOf(TYPE_KEYWORD, 'the type of the events, such as "finding.new"');
  const version = textOf(VERSION_KEYWORD, 'the version of the contract, such as "1.0.0"');
  if (version.length > MAX_VERSION_CHARACTERS)
    fail(`${VERSION_KEYWORD} is longer than ${MAX_VERSION_CHARACTERS} characters.`);
  textOf("title", "a name for people");
  textOf("description", "when the event is published");
  if (!Array.isArray(examples) || examples.length === 0) fail("examples is missing; it must have at least one event.");
  const problem = costProblem(contract);
  if (problem) fail(problem);
  const read = { type, version, schema: contract, hash: hash("sha256", JSON.stringify(contract)) };
  const validate = compiled(file, read);
  for (const [index, example] of (examples as unknown[]).entries()) {
    if (validate(example)) continue;
    fail(`examples/${index} violates the contract: ${describeViolation(validate.errors ?? [], example)}`);
  }
  return read;
}

function compiled(file: string, contract: Contract) {
  try {
    return instantiate(compileContract(contract.schema));
  } catch (cause) {
    // The code nests as deep as an object has members.
    const isTooLarge = cause instanceof RangeError;
    const problem = isTooLarge ? "one of its objects has too many members; describe fewer." : (cause as Error).message;
    throw new ContractError(`${file}: ${problem}`, { cause });
  }
}

/** Parses JSON. Refuses what JavaScript's values would change without a word. */
export function readJson(file: string, text: string): unknown {
  try {
    const { value, hasDuplicateKeys } = parseJson(text.replace(/^\uFEFF/, ""));
    if (hasDuplicateKeys) throw new ContractError(`${file}: an object repeats a name.`);
    refuseUnusable(file, value as JsonValue, 0);
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ContractError(`${file} is not JSON: ${cause.message}.`, { cause });
  }
}

function refuseUnusable(file: string, value: JsonValue, level: number): void {
  if (level > MAX_NESTING) throw new ContractError(`${file} is nested more than ${MAX_NESTING} levels deep.`);
  if (value instanceof JsonNumber) {
    const { source } = value;
    const number = Number(source);
    const isExact = Number.isFinite(number) && normal(String(number)) === normal(source);
    if (!isExact)
      throw new ContractError(`${file}: ${source} has more digits than a double has; write a shorter number.`);
  } else if (Array.isArray(value)) {
    for (const element of value) refuseUnusable(file, element, level + 1);
  } else if (value instanceof Map) {
    if (value.has("__proto__")) {
      // Ajv ignores rules for this name, and in compiled code it would change an object's prototype.
      throw new ContractError(`${file}: the name "__proto__" is not supported; remove it.`);
    }
    const malformed = [...value.keys()].find((name) => !name.isWellFormed());
    if (malformed !== undefined) {
      throw new ContractError(
        `${file}: the name ${excerpt(JSON.stringify(malformed))} has a lone surrogate; remove it.`,
      );
    }
    for (const member of value.values()) refuseUnusable(file, member, level + 1);
  }
}

function normal(source: string): string {
  return formatDecimal(parseDecimal(source));
}
