import { checkCidr } from "./cidr";
import { MAX_NUMBER, OPERATORS } from "./condition";
import { isObject, shown } from "./json";
import { MAX_WILDCARDS, parseWildcard } from "./wildcard";

/**
 * Returns why SNS would refuse an element of a policy's list.
 *
 * @returns undefined if SNS accepts it.
 * @see https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html
 */
export function checkCondition(condition: unknown): string | undefined {
  if (condition === null || ["string", "number", "boolean"].includes(typeof condition)) return undefined;
  if (!isObject(condition)) return "SNS matches texts, numbers, true, false, null and operators";
  const [[operator, operand] = ["", undefined], ...others] = Object.entries(condition);
  if (others.length > 0) return "SNS takes one operator in each object: write several objects for alternatives";
  switch (operator) {
    case "exists":
      return typeof operand === "boolean" ? undefined : "exists takes true or false";
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
    return `${shown(operator)} is not an operator there; SNS allows ${allowed.join(", ")}`;
  if (typeof operand !== "string") return `${operator} takes a text`;
  if (operator === "wildcard") return checkWildcard(operand);
  if (operator === "cidr") return checkCidr(operand);
  return undefined;
}

function checkWildcard(pattern: string): string | undefined {
  try {
    const wildcards = parseWildcard(pattern).length - 1;
    return wildcards > MAX_WILDCARDS ? `the pattern has ${wildcards} *; SNS allows ${MAX_WILDCARDS}` : undefined;
  } catch (error) {
    return `the pattern ${(error as Error).message}`;
  }
}

/** Accepts a list of values of one type, or one operator. SNS documents these, and refused `suffix` in a test. */
function checkAnythingBut(operand: unknown): string | undefined {
  if (isObject(operand)) {
    const [[operator, text] = ["", undefined], ...others] = Object.entries(operand);
    if (others.length > 0) return "anything-but takes one operator";
    if (text === "") return `${operator} in anything-but takes a text that is not empty`;
    return checkText(operator, text, ["prefix", "wildcard"]);
  }
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) return "anything-but takes at least one value";
  if (values.every((value) => typeof value === "string")) return undefined;
  if (!values.every((value) => typeof value === "number")) {
    return "anything-but takes texts or numbers, not both, or an object with prefix or wildcard";
  }
  return values.every(isComparable) ? undefined : RANGE;
}

const RANGE = "SNS compares numbers from -1000000000 to 1000000000";

function isComparable(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= MAX_NUMBER;
}

/** Accepts an operator with a number, or a range: `>` or `>=`, then `<` or `<=`. */
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
  if (!fits) return 'numeric takes an operator and a number, or a range such as [">=", 0, "<", 100]';
  if (!isComparable(bound) || (isRange && !isComparable(top))) return RANGE;
  return isRange && top <= bound ? "the lower bound of a range must be less than the upper one" : undefined;
}
