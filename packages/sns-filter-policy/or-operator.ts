import { OPERATORS } from "./condition";
import { isObject } from "./json";

export const OR = "$or";

/**
 * Returns the alternatives of a `$or`. SNS treats `$or` as an ordinary property unless it has a list of two objects or more,
 * none of which uses an operator's name.
 *
 * @returns undefined if the property is not an operator.
 * @see https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html#or-operator
 */
export function alternativesOf(key: string, value: unknown): readonly object[] | undefined {
  if (key !== OR || !Array.isArray(value) || value.length < 2 || !value.every(isObject)) return undefined;
  const isReserved = value.some((alternative) => Object.keys(alternative).some((name) => OPERATORS.includes(name)));
  return isReserved ? undefined : value;
}
