import type { Member, Shape, Structure } from "../../protocols/shape";

/** Values that the SDK's clients need in certain members. */
const NAMED: Readonly<Record<string, unknown>> = {
  Bucket: "bucket",
  ChecksumAlgorithm: "CRC32",
  CopySource: "bucket/key",
  ContentLength: 1,
  TableName: "table",
};

/** Levels of structures, because shapes may contain themselves. */
const MAX_DEPTH = 5;

/** Returns an input that has the required members only, or one more member. */
export function requiredInput(shape: Structure, [name, ...rest]: readonly string[] = []): Record<string, unknown> {
  const required = shape.required.map((each) => [each, value(each, shape.members[each] as Member)] as const);
  const more = name === undefined ? [] : [[name, nested(name, (shape.members[name] as Member).shape, rest)] as const];
  return Object.fromEntries([...required, ...more]);
}

/** Returns an input that has all members. */
export function fullInput(shape: Structure): Record<string, unknown> {
  return value("", { shape }, true) as Record<string, unknown>;
}

/** Returns the path of each member that an action does not handle. The members of such a member are not listed. */
export function unhandledMembers(shape: Structure, handles: readonly string[]): (readonly string[])[] {
  return Object.entries(shape.members).flatMap(([name, member]) => {
    const nestedHandles = handles.flatMap((path) => (path.startsWith(`${name}.`) ? path.slice(name.length + 1) : []));
    if (handles.includes(name)) return [];
    const inner = element(member.shape);
    if (nestedHandles.length === 0 || inner.type !== "structure") return [[name]];
    return unhandledMembers(inner, nestedHandles).map((path) => [name, ...path]);
  });
}

/** Returns the shape of the elements in lists and maps. */
function element(shape: Shape): Shape {
  if (shape.type === "list") return element(shape.member.shape);
  return shape.type === "map" ? element(shape.value.shape) : shape;
}

function nested(name: string, shape: Shape, path: readonly string[]): unknown {
  if (shape.type === "list") return [nested(name, shape.member.shape, path)];
  if (shape.type === "map") return { a: nested(name, shape.value.shape, path) };
  if (shape.type === "structure" && path.length > 0) return requiredInput(shape, path);
  return value(name, { shape }, true);
}

/** @param isFull - True for all members, instead of the required ones. */
function value(name: string, { shape }: Member, isFull = false, depth = 0): unknown {
  if (Object.hasOwn(NAMED, name) && shape.type !== "structure") return NAMED[name];
  switch (shape.type) {
    case "structure": {
      const names = isFull && depth < MAX_DEPTH ? Object.keys(shape.members) : shape.required;
      return Object.fromEntries(
        names.map((each) => [each, value(each, shape.members[each] as Member, isFull, depth + 1)]),
      );
    }
    case "list":
      return [value(name, shape.member, isFull, depth + 1)];
    case "map":
      return { a: value(name, shape.value, isFull, depth + 1) };
    case "blob":
      return Buffer.from("x");
    case "boolean":
      return true;
    case "number":
      return 1;
    case "timestamp":
      return new Date(0);
    default:
      return "x";
  }
}
