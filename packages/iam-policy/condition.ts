import { BlockList, isIP } from "node:net";
import { type MatchOptions, matches, matchesArn, replaceVariables } from "./pattern";
import { type ConditionBlock, type ConditionValue, listOf } from "./policy";

/** Returns whether a value in the request matches a value in the policy. */
type Compare = (given: string, wanted: string, options: MatchOptions) => boolean;

const arnLike: Compare = (given, wanted, options) => matchesArn(wanted, given, options);

const ORDERS: Readonly<Record<string, (difference: number) => boolean>> = {
  Equals: (difference) => difference === 0,
  LessThan: (difference) => difference < 0,
  LessThanEquals: (difference) => difference <= 0,
  GreaterThan: (difference) => difference > 0,
  GreaterThanEquals: (difference) => difference >= 0,
};

function ordered(prefix: string, read: (text: string) => number): [string, Compare][] {
  return Object.entries(ORDERS).map(([name, holds]) => [
    `${prefix}${name}`,
    (given, wanted) => holds(read(given) - read(wanted)),
  ]);
}

/** Parses a date in ISO 8601 format or in seconds since 1970. */
function milliseconds(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function number(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

/** Returns whether an IP address is in a range such as `203.0.113.0/24`, or equal to a single address. */
export function isInRange(address: string, range: string): boolean {
  const [, network = "", prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const version = isIP(network);
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (version === 0 || isIP(address) !== version || length > bits) return false;
  const list = new BlockList();
  list.addSubnet(network, length, `ipv${version as 4 | 6}`);
  return list.check(address, `ipv${version as 4 | 6}`);
}

/** Comparisons by operator, without the negated operators. */
const COMPARISONS: ReadonlyMap<string, Compare> = new Map<string, Compare>([
  ["StringEquals", (given, wanted, options) => replaceVariables(wanted, options) === given],
  [
    "StringEqualsIgnoreCase",
    (given, wanted, options) => replaceVariables(wanted, options)?.toLowerCase() === given.toLowerCase(),
  ],
  ["StringLike", (given, wanted, options) => matches(wanted, given, options)],
  ...ordered("Numeric", number),
  ...ordered("Date", milliseconds),
  ["Bool", (given, wanted) => given.toLowerCase() === wanted.toLowerCase()],
  ["BinaryEquals", (given, wanted) => given === wanted],
  ["IpAddress", isInRange],
  ["ArnEquals", arnLike],
  ["ArnLike", arnLike],
]);

/** Negated operators, each with the operator that it negates. */
const NEGATED: ReadonlyMap<string, string> = new Map([
  ["StringNotEquals", "StringEquals"],
  ["StringNotEqualsIgnoreCase", "StringEqualsIgnoreCase"],
  ["StringNotLike", "StringLike"],
  ["NumericNotEquals", "NumericEquals"],
  ["DateNotEquals", "DateEquals"],
  ["NotIpAddress", "IpAddress"],
  ["ArnNotEquals", "ArnEquals"],
  ["ArnNotLike", "ArnLike"],
]);

/**
 * The names of all operators except `Null`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const OPERATORS: readonly string[] = [...COMPARISONS.keys(), ...NEGATED.keys()];

/** Returns whether a condition is true: every operator must be true for each of its condition keys. */
export function conditionHolds(condition: ConditionBlock, options: MatchOptions): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      operatorHolds(operator, options.values(key), listOf<ConditionValue>(wanted).map(String), options),
    ),
  );
}

/** @throws Error naming the operator if IAM does not have it. */
function operatorHolds(
  text: string,
  given: readonly string[] | undefined,
  wanted: readonly string[],
  options: MatchOptions,
): boolean {
  const [, quantifier, base = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/s.exec(text) ?? [];
  if (base === "Null" && ifExists === undefined) {
    return wanted.some((value) => (value.toLowerCase() === "true") === (given === undefined));
  }
  const negated = NEGATED.has(base);
  const compare = COMPARISONS.get(NEGATED.get(base) ?? base);
  if (!compare) throw new Error(`Unknown condition operator ${text}. IAM has ${[...OPERATORS, "Null"].join(", ")}.`);
  if (given === undefined) {
    if (ifExists !== undefined || quantifier === "ForAllValues") return true;
    return quantifier === undefined && negated;
  }
  const holds = (value: string) => wanted.some((each) => compare(value, each, options)) !== negated;
  if (quantifier === "ForAllValues") return given.every(holds);
  if (quantifier === "ForAnyValue") return given.some(holds);
  return negated ? given.every(holds) : given.some(holds);
}
