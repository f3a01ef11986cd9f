import fc from "fast-check";

/** Generates values that no service expects. */
const unexpected: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    [],
    {},
    "",
    "\u0000",
    -1,
    Number.MAX_VALUE,
    2 ** 53,
    0.5,
    true,
    [null],
    { a: null },
    "NaN",
  ),
  fc.constantFrom<unknown>(
    { S: null },
    { S: 1 },
    { L: [null] },
    { M: { a: null } },
    { N: "x" },
    { B: "%" },
    { SS: [] },
  ),
  fc.constantFrom<unknown>("toString", "__proto__", "constructor", "${jndi:x}", "\ud800", "x".repeat(5_000)),
  fc.integer({ min: 2, max: 6_000 }).map((depth) => `deep ${depth}`),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Returns the JSON `{"M":{"a":{"L":[…]}}}`, nested `depth` levels. `JSON.stringify` cannot write such a value. */
function nested(depth: number): string {
  return `${'{"M":{"a":{"L":['.repeat(depth / 4)}{"S":"deep"}${"]}}}".repeat(depth / 4)}`;
}

/** Returns the paths of a value and of all values in it. The value's own path is empty. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  // An earlier mutation has replaced a parent.
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return value;
  const inner = replaced((value as Record<string, unknown>)[key], rest, by);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner };
}

/** Generates the body as JSON, with one or two of its values replaced by unexpected ones. */
export function mutated(body: object): fc.Arbitrary<string> {
  const mutation = fc.tuple(fc.constantFrom(...pathsIn(body)), unexpected);
  return fc
    .array(mutation, { minLength: 1, maxLength: 2 })
    .map((mutations) => mutations.reduce<unknown>((value, [path, by]) => replaced(value, path, by), body))
    .map((value) => JSON.stringify(value).replace(/"deep (\d+)"/g, (_, depth) => nested(Number(depth))));
}
