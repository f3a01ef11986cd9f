import { Token } from "cdktf";
import * as z from "zod";

interface OptionDetails {
  /** Completes the sentence "expected …". */
  readonly allowed: string;
  /** Converts the text of an environment variable to the option's value. */
  readonly parse: (text: string) => unknown;
}

const DETAILS = z.registry<OptionDetails>();

/**
 * Adds to a schema a description of its allowed values, and a parser for its environment variable.
 *
 * @example
 * defineOption(z.string().url(), "a URL such as https://example.com", (text) => text);
 */
export function defineOption<S extends z.ZodType>(schema: S, allowed: string, parse = parseJson): S {
  DETAILS.add(schema, { allowed, parse });
  return schema;
}

/** Returns a description of an option's allowed values. It completes the sentence "expected …". */
export function allowedValues(schema: z.ZodType): string {
  return detailsOf(schema).allowed;
}

/** Parses an environment variable into an option's value. Does not validate the value. */
export function parseVariable(schema: z.ZodType, text: string): unknown {
  return detailsOf(schema).parse(text);
}

function detailsOf(schema: z.ZodType): OptionDetails {
  const inner = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? schema.unwrap() : schema;
  const details = DETAILS.get(inner as z.ZodType);
  if (!details) throw new Error("Create each option's schema with a function of option-schemas.ts.");
  return details;
}

export function wholeNumber(min: number, max: number, unit: string): z.ZodNumber {
  const allowed = `a whole number of ${unit} from ${grouped(min)} to ${grouped(max)}`;
  return defineOption(z.int().min(min).max(max), allowed, parseNumber);
}

/** A number of days, or 0 for never. */
export function daysOrNever(min: number, max: number) {
  const allowed = `0 for never, or a whole number of days from ${grouped(min)} to ${grouped(max)}`;
  return defineOption(z.union([z.literal(0), z.int().min(min).max(max)]), allowed, parseNumber);
}

export function oneOf<const T extends string | number>(values: readonly T[]) {
  const parse = typeof values[0] === "number" ? parseNumber : identity;
  return defineOption(z.literal(values), `one of ${values.join(", ")}`, parse);
}

export function flag(): z.ZodBoolean {
  return defineOption(z.boolean(), "true or false", (text) => ({ true: true, false: false })[text] ?? text);
}

export function text(pattern: RegExp, allowed: string): z.ZodString {
  return defineOption(z.string().regex(pattern), allowed, identity);
}

/** A text or a CDKTF token, such as a resource's ARN, whose value is not known at synth. */
export function textOrToken(pattern: RegExp, allowed: string): z.ZodString {
  return defineOption(z.string().refine(isTokenOr(pattern)), allowed, identity);
}

export function listOfTexts(pattern: RegExp, allowed: string) {
  const schema = z.array(z.string().refine(isTokenOr(pattern))).min(1);
  return defineOption(schema.readonly(), `${allowed}; in the variable, separate them with commas`, (given) =>
    given.split(","),
  );
}

function isTokenOr(pattern: RegExp): (value: string) => boolean {
  return (value) => pattern.test(value) || Token.isUnresolved(value);
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}

function identity(given: string): unknown {
  return given;
}

/** Returns a text that is not a number unchanged, so that the schema rejects it and the message shows it. */
function parseNumber(given: string): unknown {
  return /^\d{1,15}$/.test(given) ? Number(given) : given;
}

function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}
