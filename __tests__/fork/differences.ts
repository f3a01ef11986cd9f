/** One place where two JSON values differ; `undefined` for a missing value. */
export interface Difference {
  /** Keys and indexes from the root, with dots between them. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Returns every place where `after` differs from `before`. The order of keys does not matter. */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (Object.is(before, after)) return [];
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, before, after }];
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].sort().flatMap((key) => {
    const below = path === "" ? key : `${path}.${key}`;
    // Own keys only: JSON may have a key called "constructor".
    const [was, becomes] = [before, after].map((value) => (Object.hasOwn(value, key) ? value[key] : undefined));
    return differences(was, becomes, below);
  });
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
