import { isInRange } from "./ip-address";
import { literal, matches, matchesArn, type Reading } from "./pattern";
import { type ConditionBlock, type ConditionValue, listOf } from "./policy";

/** Returns whether a value of the request matches a value of the policy. */
type Compare = (given: string, wanted: string, reading: Reading) => boolean;

/** An operator such as `StringNotLike`: a comparison, and whether it is negated. */
export interface Operator {
  readonly compare: Compare;
  readonly negated: boolean;
}

const stringEquals: Compare = (given, wanted, reading) => literal(wanted, reading) === given;
const ignoringCase: Compare = (given, wanted, reading) =>
  literal(wanted, reading)?.toLowerCase() === given.toLowerCase();
const arnLike: Compare = (given, wanted, reading) => matchesArn(wanted, given, reading);

const COMPARISONS: Readonly<Record<string, (difference: number) => boolean>> = {
  Equals: (difference) => difference === 0,
  LessThan: (difference) => difference < 0,
  LessThanEquals: (difference) => difference <= 0,
  GreaterThan: (difference) => difference > 0,
  GreaterThanEquals: (difference) => difference >= 0,
};

function ordered(prefix: string, read: (text: string) => number): [string, Compare][] {
  return Object.entries(COMPARISONS).map(([name, holds]) => [
    `${prefix}${name}`,
    (given, wanted) => holds(read(given) - read(wanted)),
  ]);
}

/** Reads a date: ISO 8601, or seconds since 1970. */
function milliseconds(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function number(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

const PLAIN: readonly (readonly [string, Compare])[] = [
  ["StringEquals", stringEquals],
  ["StringEqualsIgnoreCase", ignoringCase],
  ["StringLike", (given, wanted, reading) => matches(wanted, given, reading)],
  ...ordered("Numeric", number),
  ...ordered("Date", milliseconds),
  ["Bool", (given, wanted) => given.toLowerCase() === wanted.toLowerCase()],
  ["BinaryEquals", (given, wanted) => given === wanted],
  ["IpAddress", isInRange],
  ["ArnEquals", arnLike],
  ["ArnLike", arnLike],
];

/** Negated operators, each with the operator that it negates. */
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
  NotIpAddress: "IpAddress",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

/**
 * Every operator except `Null`, by name.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const OPERATORS: ReadonlyMap<string, Operator> = withNegations(new Map(PLAIN));

function withNegations(plain: ReadonlyMap<string, Compare>): Map<string, Operator> {
  const operators = new Map([...plain].map(([name, compare]) => [name, { compare, negated: false }]));
  for (const [name, negates] of Object.entries(NEGATED)) {
    const compare = plain.get(negates);
    if (compare) operators.set(name, { compare, negated: true });
  }
  return operators;
}

/** Returns whether every operator is true for each of its condition keys. */
export function conditionHolds(condition: ConditionBlock, reading: Reading): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      operatorHolds(operator, reading.values(key), listOf<ConditionValue>(wanted).map(String), reading),
    ),
  );
}

/** @throws Error naming an operator that IAM does not have. */
function operatorHolds(
  text: string,
  given: readonly string[] | undefined,
  wanted: readonly string[],
  reading: Reading,
): boolean {
  const [, quantifier, base = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/s.exec(text) ?? [];
  if (base === "Null" && ifExists === undefined) {
    return wanted.some((value) => (value.toLowerCase() === "true") === (given === undefined));
  }
  const operator = OPERATORS.get(base);
  if (!operator) {
    throw new Error(`Unknown condition operator ${text}. IAM has ${[...OPERATORS.keys(), "Null"].join(", ")}.`);
  }
  const { compare, negated } = operator;
  if (given === undefined) {
    if (ifExists !== undefined || quantifier === "ForAllValues") return true;
    return quantifier === undefined && negated;
  }
  const holds = (value: string) => wanted.some((each) => compare(value, each, reading)) !== negated;
  if (quantifier === "ForAllValues") return given.every(holds);
  if (quantifier === "ForAnyValue") return given.some(holds);
  return negated ? given.every(holds) : given.some(holds);
}
