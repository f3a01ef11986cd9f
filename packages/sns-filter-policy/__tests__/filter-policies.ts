import fc from "fast-check";

type Policy = { [name: string]: unknown[] | Policy };

const name = fc.constantFrom("a", "b", "c");
const value = fc.constantFrom<unknown>("x", "y", 1, 2, true, null);

const condition = fc.oneof(
  { weight: 4, arbitrary: value },
  fc.constantFrom<unknown>({ exists: false }, { exists: true }, { "anything-but": ["x", "y"] }, { numeric: [">", 1] }),
);

const properties = fc.letrec<{ properties: Policy }>((tie) => ({
  properties: fc
    .tuple(
      fc.dictionary(
        name,
        fc.oneof(
          { depthSize: "small", maxDepth: 2 },
          fc.array(condition, { minLength: 1, maxLength: 2 }),
          tie("properties"),
        ),
        { minKeys: 1, maxKeys: 2 },
      ),
      fc.option(fc.array(tie("properties"), { minLength: 2, maxLength: 2 }), {
        nil: undefined,
        freq: 4,
        depthSize: "small",
        maxDepth: 2,
      }),
    )
    .map(([own, $or]) => ({ ...own, ...($or && { $or }) }) as Policy),
})).properties;

const conditions = fc.array(condition, { minLength: 1, maxLength: 2 });

/** Generates policies with two conditions that the same element of a list must satisfy. */
const ofElements = fc.record<Policy>({
  a: fc.oneof(
    fc.record<Policy>({ b: conditions, c: conditions }),
    fc.record<Policy>({ b: fc.record<Policy>({ a: conditions, b: conditions }), c: conditions }),
    fc.record({ b: conditions, $or: fc.tuple(fc.record({ c: conditions }), fc.record({ a: conditions })) }),
  ) as fc.Arbitrary<Policy>,
});

/**
 * Generates filter policies for message bodies within SNS's limits. It uses few names and values, so that many bodies
 * match.
 */
export const policy = fc.oneof(properties, ofElements).filter((each) => productOf(each, 1) <= 150);

const anyMessage = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 5 },
    { weight: 3, arbitrary: value },
    { weight: 2, arbitrary: tie("object") },
    { weight: 2, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
  ),
  object: fc.dictionary(name, tie("value"), { maxKeys: 3 }),
}));

/** Generates message bodies for these policies: objects with lists, most of them lists of objects. */
export const message = fc.oneof(
  anyMessage.object,
  fc.record({ a: fc.array(fc.dictionary(name, anyMessage.value, { maxKeys: 3 }), { maxLength: 4 }) }),
);

/**
 * Returns whether a body satisfies a policy, by exhaustive search. It tries every way to choose one value for each
 * condition, without two different elements of the same list.
 */
export function satisfiesByTrying(filterPolicy: Policy, body: object): boolean {
  const leaves = leavesOf(body, "", []);
  return waysOf(filterPolicy).some((way) => choose([...way], leaves, []));
}

interface Leaf {
  readonly path: string;
  readonly value: unknown;
  /** The lists that contain the value, each with the element's index. */
  readonly elements: readonly (readonly [unknown[], number])[];
}

function leavesOf(value: unknown, path: string, elements: Leaf["elements"]): Leaf[] {
  if (Array.isArray(value)) {
    return value.flatMap((element, index) =>
      leavesOf(element, path, isScalar(element) ? elements : [...elements, [value, index]]),
    );
  }
  if (isScalar(value)) return [{ path, value, elements }];
  return Object.entries(value as object).flatMap(([key, inner]) =>
    leavesOf(inner, path === "" ? key : `${path}.${key}`, elements),
  );
}

function isScalar(each: unknown): boolean {
  return typeof each !== "object" || each === null;
}

function choose(asked: [string, unknown[]][], leaves: readonly Leaf[], chosen: Leaf["elements"]): boolean {
  const [first, ...others] = asked;
  if (!first) return true;
  const [path, conditions] = first;
  const there = leaves.filter((leaf) => leaf.path === path);
  if (there.length === 0 && conditions.some((each) => isOperator(each) && each.exists === false)) {
    return choose(others, leaves, chosen);
  }
  return there
    .filter((leaf) => conditions.some((each) => accepts(each, leaf.value)))
    .filter((leaf) => leaf.elements.every(([list, index]) => chosen.every(([l, i]) => l !== list || i === index)))
    .some((leaf) => choose(others, leaves, [...chosen, ...leaf.elements]));
}

function isOperator(each: unknown): each is Record<string, unknown> {
  return !isScalar(each);
}

function accepts(each: unknown, found: unknown): boolean {
  if (!isOperator(each)) return each === found;
  if ("exists" in each) return each.exists === true && found !== null;
  if ("numeric" in each) return typeof found === "number" && found > 1;
  return found !== "x" && found !== "y";
}

/** Returns the alternatives of a policy, each as conditions by path. */
function waysOf(filterPolicy: Policy, prefix = ""): Map<string, unknown[]>[] {
  return Object.entries(filterPolicy).reduce<Map<string, unknown[]>[]>(
    (ways, [key, each]) => {
      const added =
        key === "$or"
          ? (each as Policy[]).flatMap((alternative) => waysOf(alternative, prefix))
          : Array.isArray(each)
            ? [new Map([[`${prefix}${key}`, each]])]
            : waysOf(each, `${prefix}${key}.`);
      return ways.flatMap((way) => added.map((more) => new Map([...way, ...more])));
    },
    [new Map()],
  );
}

function productOf(filterPolicy: Policy, depth: number): number {
  return Object.entries(filterPolicy).reduce((product, [key, each]) => {
    if (key === "$or") return product * (each as Policy[]).reduce((sum, one) => sum + productOf(one, depth), 0);
    return product * (Array.isArray(each) ? each.length * depth : productOf(each, depth + 1));
  }, 1);
}
