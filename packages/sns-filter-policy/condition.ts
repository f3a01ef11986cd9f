import { inBlock } from "./cidr";
import { matchesWildcard, parseWildcard } from "./wildcard";

/** A value of a message that is neither an object nor a list. */
export type Scalar = string | number | boolean | null;

/** One valid element of a list in a filter policy. */
export interface Condition {
  /** True if it accepts a message without the property. */
  readonly takesAbsence: boolean;
  readonly accepts: (value: Scalar) => boolean;
}

/** SNS compares numbers from −10⁹ to 10⁹, with five digits after the decimal point. */
export const MAX_NUMBER = 1e9;
const PRECISION = 1e5;

export const OPERATORS: readonly string[] = [
  "prefix",
  "suffix",
  "equals-ignore-case",
  "wildcard",
  "cidr",
  "numeric",
  "exists",
  "anything-but",
];

/** @see https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html */
export function parseCondition(condition: unknown): Condition {
  if (typeof condition !== "object" || condition === null) return values((value) => value === condition);
  const [[operator, operand] = []] = Object.entries(condition);
  switch (operator) {
    case "exists":
      // "The key must have a non-null and non-empty value."
      return operand ? values((value) => value !== null && value !== "") : { takesAbsence: true, accepts: () => false };
    case "anything-but":
      return values(not(excluded(operand)));
    case "numeric":
      return values(inRange(operand));
    default:
      return values(textTest(String(operator), String(operand)));
  }
}

type Test = (value: Scalar) => boolean;

function values(accepts: Test): Condition {
  return { takesAbsence: false, accepts };
}

function not(test: Test): Test {
  return (value) => !test(value);
}

function excluded(operand: unknown): Test {
  if (Array.isArray(operand)) {
    const excludedValues = new Set<unknown>(operand);
    return (value) => excludedValues.has(value);
  }
  if (typeof operand !== "object") return (value) => value === operand;
  const [[operator, text] = []] = Object.entries(operand ?? {});
  return textTest(String(operator), String(text));
}

/** Returns a test that only texts can pass. */
function textTest(operator: string, operand: string): Test {
  const test = textTestOf(operator, operand);
  return (value) => typeof value === "string" && test(value);
}

function textTestOf(operator: string, operand: string): (text: string) => boolean {
  switch (operator) {
    case "prefix":
      return (text) => text.startsWith(operand);
    case "suffix":
      return (text) => text.endsWith(operand);
    case "equals-ignore-case": {
      const lowerCase = operand.toLowerCase();
      return (text) => text.toLowerCase() === lowerCase;
    }
    case "wildcard": {
      const wildcard = parseWildcard(operand);
      return (text) => matchesWildcard(wildcard, text);
    }
    case "cidr":
      return inBlock(operand);
    default:
      throw new Error(`Unknown operator ${operator}.`);
  }
}

function inRange(operand: unknown): Test {
  const terms = operand as readonly (string | number)[];
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < terms.length; index += 2) {
    tests.push(compared(String(terms[index]), rounded(Number(terms[index + 1]))));
  }
  return (value) =>
    typeof value === "number" && Math.abs(value) <= MAX_NUMBER && tests.every((test) => test(rounded(value)));
}

function rounded(value: number): number {
  return Math.round(value * PRECISION);
}

function compared(operator: string, bound: number): (value: number) => boolean {
  switch (operator) {
    case "<":
      return (value) => value < bound;
    case "<=":
      return (value) => value <= bound;
    case ">":
      return (value) => value > bound;
    case ">=":
      return (value) => value >= bound;
    default:
      return (value) => value === bound;
  }
}
