import { checkCidr, cidrTest } from "./cidr";
import { formatValue, isObject } from "./json";
import { checkWildcard, matchesWildcard, parseWildcard } from "./wildcard";

/** A value in a message other than an object or a list. */
export type Scalar = string | number | boolean | null;

/** One element of a list in a filter policy, after validation. */
export interface Condition {
  /** True if the condition accepts a message without the property. */
  readonly acceptsAbsence: boolean;
  readonly accepts: (value: Scalar) => boolean;
}

/** An operator whose operand is a string. @see https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html */
interface TextOperator {
  /** Returns why SNS would reject the operand; undefined if it accepts it. @default - SNS accepts any string */
  readonly check?: (operand: string) => string | undefined;
  /** Returns a function that checks whether a string matches. */
  readonly test: (operand: string) => (text: string) => boolean;
}

const TEXT_OPERATORS: Readonly<Record<string, TextOperator>> = {
  prefix: { test: (operand) => (text) => text.startsWith(operand) },
  suffix: { test: (operand) => (text) => text.endsWith(operand) },
  "equals-ignore-case": {
    test: (operand) => {
      const lowerCase = operand.toLowerCase();
      return (text) => text.toLowerCase() === lowerCase;
    },
  },
  wildcard: {
    check: checkWildcard,
    test: (operand) => {
      const wildcard = parseWildcard(operand);
      return (text) => matchesWildcard(wildcard, text);
    },
  },
  cidr: { check: checkCidr, test: cidrTest },
};

export const OPERATORS: readonly string[] = [...Object.keys(TEXT_OPERATORS), "numeric", "exists", "anything-but"];

/** SNS compares numbers from −10⁹ to 10⁹, rounded to five decimal places. */
const MAX_NUMBER = 1e9;
const PRECISION = 1e5;
const RANGE = "SNS compares numbers from -1000000000 to 1000000000";

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/**
 * Returns why SNS would reject an element of a list in a filter policy.
 *
 * @returns undefined if SNS accepts it.
 * @see https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html
 */
export function checkCondition(condition: unknown): string | undefined {
  if (condition === null || ["string", "number", "boolean"].includes(typeof condition)) return undefined;
  if (!isObject(condition)) return "SNS accepts only strings, numbers, true, false, null and objects with an operator";
  const [[operator, operand] = ["", undefined], ...others] = Object.entries(condition);
  if (others.length > 0) return "SNS accepts only one operator in each object: use several objects for alternatives";
  switch (operator) {
    case "exists":
      return typeof operand === "boolean" ? undefined : "exists requires true or false";
    case "numeric":
      return checkNumeric(operand);
    case "anything-but":
      return checkAnythingBut(operand);
    default:
      return checkText(operator, operand, OPERATORS);
  }
}

function checkText(operator: string, operand: unknown, allowed: readonly string[]): string | undefined {
  if (!allowed.includes(operator))
    return `${formatValue(operator)} is not an operator here; SNS allows ${allowed.join(", ")}`;
  return typeof operand === "string" ? TEXT_OPERATORS[operator]?.check?.(operand) : `${operator} requires a string`;
}

/** Accepts a list of values of one type, or one operator, as AWS documents. SNS rejected `suffix` in a test. */
function checkAnythingBut(operand: unknown): string | undefined {
  if (isObject(operand)) {
    const [[operator, text] = ["", undefined], ...others] = Object.entries(operand);
    if (others.length > 0) return "anything-but accepts only one operator";
    if (text === "") return `${operator} in anything-but requires a string that is not empty`;
    return checkText(operator, text, ["prefix", "wildcard"]);
  }
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) return "anything-but requires at least one value";
  if (values.every((value) => typeof value === "string")) return undefined;
  if (!values.every((value) => typeof value === "number")) {
    return "anything-but requires strings or numbers, not both, or an object with prefix or wildcard";
  }
  return values.every(isComparable) ? undefined : RANGE;
}

function isComparable(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= MAX_NUMBER;
}

/** Accepts an operator with a number, or a range: `>` or `>=` with a number, then `<` or `<=` with a number. */
function checkNumeric(operand: unknown): string | undefined {
  const [operator, bound, second, top, ...others] = Array.isArray(operand) ? operand : [];
  const isRange = second !== undefined;
  const isFromBelow = operator === ">" || operator === ">=";
  const fits =
    others.length === 0 &&
    typeof bound === "number" &&
    (isRange
      ? isFromBelow && (second === "<" || second === "<=") && typeof top === "number"
      : isFromBelow || operator === "=" || operator === "<" || operator === "<=");
  if (!fits) return 'numeric requires an operator and a number, or a range such as [">=", 0, "<", 100]';
  if (!isComparable(bound) || (isRange && !isComparable(top))) return RANGE;
  return isRange && top <= bound ? "the lower bound of a range must be less than the upper bound" : undefined;
}

/** Parses a condition that `checkCondition` accepts. */
export function parseCondition(condition: unknown): Condition {
  if (typeof condition !== "object" || condition === null) return values((value) => value === condition);
  const [[operator, operand] = []] = Object.entries(condition);
  switch (operator) {
    case "exists":
      // "The key must have a non-null and non-empty value."
      return operand
        ? values((value) => value !== null && value !== "")
        : { acceptsAbsence: true, accepts: () => false };
    case "anything-but": {
      const excluded = excludedValues(operand);
      return values((value) => !excluded(value));
    }
    case "numeric":
      return values(inRange(operand));
    default:
      return values(textTest(String(operator), String(operand)));
  }
}

type Test = (value: Scalar) => boolean;

function values(accepts: Test): Condition {
  return { acceptsAbsence: false, accepts };
}

function excludedValues(operand: unknown): Test {
  if (isObject(operand)) {
    const [[operator, text] = []] = Object.entries(operand);
    return textTest(String(operator), String(text));
  }
  const excluded = new Set<unknown>([operand].flat());
  return (value) => excluded.has(value);
}

/** Returns a test that fails for values other than strings. */
function textTest(operator: string, operand: string): Test {
  const test = TEXT_OPERATORS[operator]?.test(operand);
  return (value) => typeof value === "string" && test?.(value) === true;
}

function inRange(operand: unknown): Test {
  const [operator, bound, second, top] = operand as [string, number, string?, number?];
  const holds = (value: number, comparison: string, limit: number) =>
    COMPARISONS[comparison]?.(Math.round(value * PRECISION), Math.round(limit * PRECISION)) === true;
  return (value) =>
    isComparable(value) &&
    holds(value, operator, bound) &&
    (second === undefined || top === undefined || holds(value, second, top));
}
