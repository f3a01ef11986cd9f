/** The required values of an event's members, by their paths, such as `severity` or `data.target`. */
export type MemberFilter = Readonly<Record<string, string>>;

/**
 * Returns whether an event has the required members. A string matches if it is equal,
 * a list if one of its elements matches, and any other value if its JSON is equal.
 * A path with dots also matches a member whose name contains dots.
 *
 * @param json - The event's JSON. Text that is not JSON has no members.
 * @example
 * hasMembers('{"severity":"high"}', { severity: "high" }); // true
 */
export function hasMembers(json: string, filter: MemberFilter): boolean {
  const required = Object.entries(filter);
  if (required.length === 0) return true;
  let event: unknown;
  try {
    event = JSON.parse(json);
  } catch {
    return false;
  }
  return required.every(([path, text]) => membersAt(event, path).some((value) => isText(value, text)));
}

function membersAt(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((element) => membersAt(element, path));
  if (typeof value !== "object" || value === null) return [];
  const member = (name: string): unknown[] => (Object.hasOwn(value, name) ? [value[name as keyof typeof value]] : []);
  const dots = [...path.matchAll(/\./g)].map(({ index }) => index);
  const nested = dots.flatMap((dot) =>
    member(path.slice(0, dot)).flatMap((child) => membersAt(child, path.slice(dot + 1))),
  );
  return [...member(path), ...nested];
}

function isText(value: unknown, text: string): boolean {
  if (Array.isArray(value)) return value.some((element) => isText(element, text));
  return value === text || (typeof value !== "string" && JSON.stringify(value) === text);
}
