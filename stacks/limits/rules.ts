import { isKnown } from "./stand-ins";

/** What AWS would refuse of one argument, as the end of a sentence that begins with it. */
export type Rule = (value: unknown) => string[];

/** A name. One that code makes of a token is known at apply only. */
export function named(pattern: RegExp, allowed: string): Rule {
  return (value) =>
    pattern.test(String(value)) || !isKnown(String(value)) ? [] : [`is "${value}". It must be ${allowed}`];
}

/** A text of at most so many characters. */
export function text(max: number): Rule {
  return (value) => atMost(String(value).length, max, "characters");
}

export interface PolicyLimits {
  readonly bytes?: number;
  /** Without white space, which IAM does not count. */
  readonly characters?: number;
  readonly statements?: number;
  /** In one statement. */
  readonly principals?: number;
}

/** A policy's JSON, or those of several inline policies that count together. */
export function policy({ bytes, characters, statements, principals }: PolicyLimits): Rule {
  return (value) => {
    const documents = (Array.isArray(value) ? value : [value]).map(String);
    const all = documents.map(statementsOf);
    return [
      ...(bytes === undefined ? [] : atMost(bytesOf(documents.join("")), bytes, "bytes")),
      ...(characters === undefined
        ? []
        : atMost(documents.join("").replace(/\s/g, "").length, characters, "characters")),
      ...(statements === undefined ? [] : atMost(all.flat().length, statements, "statements")),
      ...all.flatMap((each) => [...principalProblems(each, principals), ...sidProblems(each)]),
    ];
  };
}

/**
 * A function's environment.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function environment(max: number): Rule {
  return (value) => {
    const variables = value as Readonly<Record<string, unknown>>;
    const wrong = Object.keys(variables).filter((name) => !/^[A-Za-z]\w+$/.test(name) || RESERVED_VARIABLES.test(name));
    return [
      ...atMost(bytesOf(JSON.stringify(variables)), max, "bytes"),
      ...wrong.map(
        (name) =>
          `has the variable ${JSON.stringify(name)}. Lambda allows 2 or more letters, digits and underscores, starting with a letter, but for the names that it sets itself`,
      ),
    ];
  };
}

/** A dashboard's JSON, of at most so many widgets. */
export function dashboard(max: number): Rule {
  return (value) => {
    const { widgets = [] } = jsonOf<{ readonly widgets?: readonly unknown[] }>(String(value));
    return atMost(widgets.length, max, "widgets");
  };
}

/** A resource's tags. */
export function tags(max: number, maxCharacters: number): Rule {
  return (value) => {
    const entries = Object.entries(value as Readonly<Record<string, string>>);
    return [
      ...atMost(entries.length, max, "tags"),
      ...entries.flatMap(([key, tag]) => atMost(tag.length, maxCharacters, `characters in the value of ${key}`)),
    ];
  };
}

const RESERVED_VARIABLES =
  /^(?:AWS_(?:(?:DEFAULT_)?REGION|EXECUTION_ENV|ACCESS_KEY(?:_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN|LAMBDA_(?:FUNCTION_(?:NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_(?:GROUP|STREAM)_NAME|RUNTIME_API))|LAMBDA_(?:TASK_ROOT|RUNTIME_DIR))$/;

interface Statement {
  readonly Sid?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
}

function statementsOf(document: string): readonly Statement[] {
  const { Statement = [] } = jsonOf<{ readonly Statement?: Statement | readonly Statement[] }>(document);
  return [Statement].flat();
}

/** Nothing of a text that an override made an expression of Terraform's: only its apply knows the JSON. */
function jsonOf<T>(document: string): Partial<T> {
  try {
    return JSON.parse(document) as T;
  } catch {
    return {};
  }
}

function principalProblems(statements: readonly Statement[], max: number | undefined): string[] {
  if (max === undefined) return [];
  return statements.flatMap(({ Sid = "", Principal = {} }) => {
    const principals = typeof Principal === "string" ? [Principal] : Object.values(Principal).flat();
    return atMost(principals.length, max, `principals in the statement ${Sid}`);
  });
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html */
function sidProblems(statements: readonly Statement[]): string[] {
  const sids = statements.flatMap(({ Sid }) => Sid ?? []).filter(isKnown);
  const twice = sids.filter((sid, index) => sids.indexOf(sid) < index);
  return [
    ...twice.map((sid) => `has two statements with the Sid ${sid}. Each must have one of its own`),
    ...sids
      .filter((sid) => !/^[A-Za-z0-9]*$/.test(sid))
      .map((sid) => `has the Sid ${JSON.stringify(sid)}. IAM allows letters and digits in it`),
  ];
}

function atMost(count: number, max: number, unit: string): string[] {
  return count > max ? [`has ${count} ${unit}. AWS allows ${max}`] : [];
}

function bytesOf(value: string): number {
  return Buffer.byteLength(value);
}
