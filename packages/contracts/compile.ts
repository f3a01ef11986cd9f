import type { Options, ValidateFunction } from "ajv";
import Ajv2020 from "ajv/dist/2020";
import standaloneCode from "ajv/dist/standalone";
import addFormats, { type FormatName } from "ajv-formats";
import { helperModule } from "./helpers";
import { type JsonSchema, TYPE_KEYWORD, VERSION_KEYWORD } from "./schema";
import { describeViolation } from "./violation";

/** The formats that a contract can use. */
export const FORMATS: readonly FormatName[] = [
  "date-time",
  "date",
  "time",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uri",
  "uri-reference",
  "uuid",
  "json-pointer",
];

/**
 * `multipleOf` divides doubles, and 0.07 / 0.01 is not a whole double. A quotient counts as whole if it is this many decimal
 * digits from a whole number.
 */
const MULTIPLE_OF_DIGITS = 6;

const OPTIONS = {
  // The handler writes its own messages, with the value.
  messages: false,
  // JavaScript's objects inherit members such as `constructor`.
  ownProperties: true,
  multipleOfPrecision: MULTIPLE_OF_DIGITS,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
  logger: false,
} as const satisfies Options;

function createAjv(options: Options): Ajv2020 {
  const ajv = new Ajv2020({ ...OPTIONS, ...options });
  addFormats(ajv, [...FORMATS]);
  ajv.addVocabulary([TYPE_KEYWORD, VERSION_KEYWORD]);
  return ajv;
}

let shared: Ajv2020 | undefined;

/** Returns the instance that has compiled JSON Schema's own schema, which takes longer than a contract. */
function sharedAjv(): Ajv2020 {
  shared ??= createAjv({});
  return shared;
}

/**
 * Compiles a schema to the code of a CommonJS module. Its `require` gets only the modules of `helpers.ts`.
 *
 * @throws Error naming the keyword, if the schema is not valid JSON Schema 2020-12 or has an unknown keyword or format.
 * @see https://ajv.js.org/standalone.html
 */
export function compileContract(schema: JsonSchema): string {
  // Examples and the event's names need no place in the code.
  const { examples, ...rules } = schema;
  const shared = sharedAjv();
  if (shared.validateSchema(rules) !== true) {
    // The first error is the innermost, at the keyword.
    throw new Error(describeViolation((shared.errors ?? []).slice(0, 1), rules));
  }
  // With an instance of its own, the code of a contract does not depend on others.
  const ajv = createAjv({ code: { source: true, optimize: true }, validateSchema: false, meta: false });
  return standaloneCode(ajv, ajv.compile(rules));
}

/** Returns the function of a schema that was part of a compiled contract. */
export function validatorOf(schema: JsonSchema): ValidateFunction {
  return sharedAjv().compile(schema);
}

/** Returns the function of compiled code. */
export function instantiate(code: string): ValidateFunction {
  const module = { exports: {} };
  new Function("module", "require", code)(module, helperModule);
  return module.exports as ValidateFunction;
}
