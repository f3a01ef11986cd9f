import { type Condition, OPERATORS, parseCondition } from "./condition";
import { isObject } from "./json";

export const OR = "$or";

/**
 * Returns the alternatives of a `$or` operator. `$or` is an operator only if its value is a list of two or more
 * objects, and no object has a property with an operator's name. Otherwise, it is an ordinary property.
 *
 * @returns undefined if the property is not a `$or` operator.
 * @see https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html#or-operator
 */
export function alternativesOf(key: string, value: unknown): readonly object[] | undefined {
  if (key !== OR || !Array.isArray(value) || value.length < 2 || !value.every(isObject)) return undefined;
  const isReserved = value.some((alternative) => Object.keys(alternative).some((name) => OPERATORS.includes(name)));
  return isReserved ? undefined : value;
}

/** A policy's conditions for one property of a message: for its value, and for nested properties. */
export interface PropertyConditions {
  conditions: readonly Condition[];
  readonly nested: Map<string, PropertyConditions>;
}

/** The conditions of one alternative, by property path, such as `a.b`. */
type Paths = Map<string, readonly Condition[]>;

/**
 * Returns the alternatives of a valid policy. Each `$or` multiplies them. As in SNS, a dot in a name means nesting, in
 * policies and in messages: `{"a.b": [1]}` accepts `{"a": {"b": 1}}` and `{"a.b": 1}`.
 */
export function branchesOf(policy: object): PropertyConditions[] {
  if (Object.keys(policy).length === 0) return [];
  return expand(policy, "", [new Map()]).map(toBranch);
}

/** Adds a policy's conditions to each alternative. A `$or` multiplies the alternatives. */
function expand(policy: object, prefix: string, ways: readonly Paths[]): readonly Paths[] {
  return Object.entries(policy).reduce((soFar, [key, value]) => {
    const alternatives = alternativesOf(key, value);
    if (alternatives) {
      const copies = () => soFar.map((paths) => new Map(paths));
      return alternatives.flatMap((each) => expand(each, prefix, copies()));
    }
    const path = `${prefix}${key}`;
    if (isObject(value)) return expand(value, `${path}.`, soFar);
    const conditions = (value as unknown[]).map(parseCondition);
    for (const paths of soFar) paths.set(path, conditions);
    return soFar;
  }, ways);
}

function toBranch(paths: Paths): PropertyConditions {
  const root: PropertyConditions = { conditions: [], nested: new Map() };
  for (const [path, conditions] of paths) {
    let node = root;
    for (const name of path.split(".")) {
      const next = node.nested.get(name) ?? { conditions: [], nested: new Map() };
      node.nested.set(name, next);
      node = next;
    }
    node.conditions = conditions;
  }
  return root;
}
