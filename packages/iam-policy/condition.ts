import { OPERATORS } from "./operators";
import type { Reading } from "./pattern";
import { type ConditionBlock, type ConditionValue, listOf } from "./policy";

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
