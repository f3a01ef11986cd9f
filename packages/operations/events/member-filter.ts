/** The required values of an event's members, by path such as `severity` or `data.target`. */
export type MemberFilter = Readonly<Record<string, string>>;

/**
 * Returns whether an event has the required members. A string must be equal, another
 * value must have that JSON, and one element of a list must match. A name with
 * dots may be one name or a path.
 *
 * @param json - The event; text that is not JSON has no members.
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
