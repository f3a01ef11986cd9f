import { isKnown } from "./placeholders";

/** Returns why AWS would reject a value. Each reason completes a sentence that begins with the argument's name. */
export type LimitCheck = (value: unknown) => string[];

/** Checks a name against a pattern. Accepts names that are known only after an apply. */
export function named(pattern: RegExp, allowed: string): LimitCheck {
  return (value) =>
    pattern.test(String(value)) || !isKnown(String(value)) ? [] : [`is "${value}": expected ${allowed}`];
}

export function maxLength(max: number): LimitCheck {
  return (value) => atMost(String(value).length, max, "characters");
}

export interface PolicyLimits {
  readonly bytes?: number;
  /** Maximum number of characters. IAM does not count white space. */
  readonly characters?: number;
  readonly statements?: number;
  /** Maximum number of principals in one statement. */
  readonly principals?: number;
}

/** Checks a policy, or several inline policies that share a limit. */
export function policy({ bytes, characters, statements, principals }: PolicyLimits): LimitCheck {
  return (value) => {
    const documents = (Array.isArray(value) ? value : [value]).map(String);
    const statementsByPolicy = documents.map(statementsOf);
    const text = documents.join("");
    return [
      ...atMost(Buffer.byteLength(text), bytes, "bytes"),
      ...atMost(text.replace(/\s/g, "").length, characters, "characters"),
      ...atMost(statementsByPolicy.flat().length, statements, "statements"),
      ...statementsByPolicy.flatMap((each) => [...principalProblems(each, principals), ...sidProblems(each)]),
    ];
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED_VARIABLES =
  /^(?:AWS_(?:(?:DEFAULT_)?REGION|EXECUTION_ENV|ACCESS_KEY(?:_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN|LAMBDA_(?:FUNCTION_(?:NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_(?:GROUP|STREAM)_NAME|RUNTIME_API))|LAMBDA_(?:TASK_ROOT|RUNTIME_DIR))$/;

export function environment(maxBytes: number): LimitCheck {
  return (value) => {
    const variables = value as Readonly<Record<string, unknown>>;
    const invalid = Object.keys(variables).filter(
      (name) => !/^[A-Za-z]\w+$/.test(name) || RESERVED_VARIABLES.test(name),
    );
    return [
      ...atMost(Buffer.byteLength(JSON.stringify(variables)), maxBytes, "bytes"),
      ...invalid.map(
        (name) =>
          `has the variable ${JSON.stringify(name)}: expected 2 or more letters, digits and underscores, starting with a letter, and no name that Lambda reserves`,
      ),
    ];
  };
}

export function dashboard(maxWidgets: number): LimitCheck {
  return (value) => {
    const { widgets = [] } = parsedJson<{ readonly widgets?: readonly unknown[] }>(String(value));
    return atMost(widgets.length, maxWidgets, "widgets");
  };
}

export function tags(max: number, maxCharacters: number): LimitCheck {
  return (value) => {
    const entries = Object.entries(value as Readonly<Record<string, string>>);
    return [
      ...atMost(entries.length, max, "tags"),
      ...entries.flatMap(([key, tag]) => atMost(tag.length, maxCharacters, `characters in the value of ${key}`)),
    ];
  };
}

type CheckedStatement = Readonly<{
  Sid?: string;
  Principal?: string | Readonly<Record<string, string | readonly string[]>>;
}>;

function statementsOf(document: string): readonly CheckedStatement[] {
  const { Statement = [] } = parsedJson<{ Statement?: CheckedStatement | readonly CheckedStatement[] }>(document);
  return [Statement].flat();
}

/** Parses JSON. Returns an empty object for an expression, whose value is known only after an apply. */
function parsedJson<T>(document: string): Partial<T> {
  try {
    return JSON.parse(document) as T;
  } catch {
    return {};
  }
}

function principalProblems(statements: readonly CheckedStatement[], max: number | undefined): string[] {
  return statements.flatMap(({ Sid = "", Principal = {} }) => {
    const principals = typeof Principal === "string" ? [Principal] : Object.values(Principal).flat();
    return atMost(principals.length, max, `principals in the statement ${Sid}`);
  });
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html */
function sidProblems(statements: readonly CheckedStatement[]): string[] {
  const sids = statements.flatMap(({ Sid }) => Sid ?? []).filter(isKnown);
  return [
    ...sids
      .filter((sid, index) => sids.indexOf(sid) < index)
      .map((sid) => `has two statements with the Sid ${sid}: expected unique Sids`),
    ...sids
      .filter((sid) => !/^[A-Za-z0-9]*$/.test(sid))
      .map((sid) => `has the Sid ${JSON.stringify(sid)}: expected letters and digits`),
  ];
}

function atMost(count: number, max: number | undefined, unit: string): string[] {
  return max !== undefined && count > max ? [`has ${count} ${unit}: AWS allows ${max}`] : [];
}
