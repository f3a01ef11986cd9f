import { type Condition, parseCondition } from "./condition";
import { isObject } from "./json";
import { alternativesOf } from "./or-operator";

/** What a policy asks of one place in a message: of the value there, and of the properties below it. */
export interface Step {
  conditions: readonly Condition[];
  readonly steps: Map<string, Step>;
}

/** One way to satisfy a policy: all of it must hold. A policy with `$or` has several. */
export type Branch = Step;

/** The conditions for each place that a way asks for. */
type Paths = Map<string, readonly Condition[]>;

/**
 * The ways to satisfy a policy that `checkPolicy` has nothing against. As in
 * SNS, a dot in a name is the same as nesting, on both sides: `{"a.b": [1]}`
 * takes `{"a": {"b": 1}}` and `{"a.b": 1}`.
 */
export function branchesOf(policy: object): Branch[] {
  if (Object.keys(policy).length === 0) return [];
  return expand(policy, "", [new Map()]).map(toBranch);
}

/** Adds to each way so far what the policy asks; a `$or` makes a way of each for each of its alternatives. */
function expand(policy: object, prefix: string, ways: readonly Paths[]): readonly Paths[] {
  return Object.entries(policy).reduce((soFar, [key, value]) => {
    const alternatives = alternativesOf(key, value);
    if (alternatives) {
      return alternatives.flatMap((each) =>
        expand(
          each,
          prefix,
          soFar.map((paths) => new Map(paths)),
        ),
      );
    }
    const path = `${prefix}${key}`;
    if (isObject(value)) return expand(value, `${path}.`, soFar);
    const conditions = (value as unknown[]).map(parseCondition);
    for (const paths of soFar) paths.set(path, conditions);
    return soFar;
  }, ways);
}

/** How many ways there are to satisfy a policy, and how many properties they ask for in all. */
export function sizeOf(policy: object): { ways: number; properties: number } {
  return Object.entries(policy).reduce(
    (soFar, [key, value]) => {
      const { ways, properties } = sizeOfProperty(key, value);
      return { ways: soFar.ways * ways, properties: soFar.properties * ways + properties * soFar.ways };
    },
    { ways: 1, properties: 0 },
  );
}

function sizeOfProperty(key: string, value: unknown): { ways: number; properties: number } {
  const alternatives = alternativesOf(key, value)?.map(sizeOf);
  if (alternatives) {
    return {
      ways: alternatives.reduce((sum, { ways }) => sum + ways, 0),
      properties: alternatives.reduce((sum, { properties }) => sum + properties, 0),
    };
  }
  return isObject(value) ? sizeOf(value) : { ways: 1, properties: 1 };
}

function toBranch(paths: Paths): Branch {
  const root: Branch = { conditions: [], steps: new Map() };
  for (const [path, conditions] of paths) {
    let step = root;
    for (const name of path.split(".")) {
      const next = step.steps.get(name) ?? { conditions: [], steps: new Map() };
      step.steps.set(name, next);
      step = next;
    }
    step.conditions = conditions;
  }
  return root;
}
