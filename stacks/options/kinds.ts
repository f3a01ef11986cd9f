import { Token } from "cdktf";
import * as z from "zod";

/** What is known of an option beyond its schema. */
export interface Kind {
  /** Completes the sentence "It must be …". */
  readonly allowed: string;
  /** The option's value in the words of an environment variable. */
  readonly parse: (text: string) => unknown;
}

const KINDS = z.registry<Kind>();

/** What `schema` was made as, whether it is optional or has a default. */
export function kindOf(schema: z.ZodType): Kind {
  const inner = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? schema.unwrap() : schema;
  const kind = KINDS.get(inner as z.ZodType);
  if (!kind) throw new Error("A schema of an option is made by a function of kinds.ts.");
  return kind;
}

/** A schema of something that no other function here makes. */
export function ofKind<S extends z.ZodType>(schema: S, allowed: string, parse: Kind["parse"] = parseJson): S {
  KINDS.add(schema, { allowed, parse });
  return schema;
}

export function wholeNumber(min: number, max: number, unit: string): z.ZodNumber {
  return ofKind(z.int().min(min).max(max), `a whole number of ${unit} from ${min} to ${max}`, parseNumber);
}

/** A number of days, of which 0 means never. */
export function daysOrNever(min: number, max: number) {
  const allowed = `0 for never, or a whole number of days from ${min} to ${max}`;
  return ofKind(z.union([z.literal(0), z.int().min(min).max(max)]), allowed, parseNumber);
}

export function oneOf<const T extends string | number>(values: readonly T[]) {
  const parse = typeof values[0] === "number" ? parseNumber : asItIs;
  return ofKind(z.literal(values), `one of ${values.join(", ")}`, parse);
}

export function flag(): z.ZodBoolean {
  return ofKind(z.boolean(), "true or false", (text) => ({ true: true, false: false })[text] ?? text);
}

export function text(pattern: RegExp, allowed: string): z.ZodString {
  return ofKind(z.string().regex(pattern), allowed, asItIs);
}

/** A text that code may also give as a token, such as a resource's ARN: what it stands for is not known at synth. */
export function textOrToken(pattern: RegExp, allowed: string): z.ZodString {
  return ofKind(z.string().refine(isTokenOr(pattern)), allowed, asItIs);
}

export function listOfTexts(pattern: RegExp, allowed: string) {
  return ofKind(
    z
      .array(z.string().refine(isTokenOr(pattern)))
      .min(1)
      .readonly(),
    `${allowed}; commas between them in the variable`,
    (given) => given.split(","),
  );
}

function isTokenOr(pattern: RegExp): (value: string) => boolean {
  return (value) => pattern.test(value) || Token.isUnresolved(value);
}

function asItIs(given: string): string {
  return given;
}

function parseNumber(given: string): unknown {
  return /^\d{1,15}$/.test(given) ? Number(given) : given;
}

/** What is no JSON stays text, which its schema then refuses and names. */
function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}
