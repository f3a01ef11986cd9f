import { isInRange } from "./ip-address";
import { literal, matches, matchesArn, type Reading } from "./pattern";

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
