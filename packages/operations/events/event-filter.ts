/** Members of an event, by path such as `severity` or `data.target`, and the text that each must be. */
export type MemberFilter = Readonly<Record<string, string>>;

/**
 * Whether an event has these members. A string is compared as it is, any other
 * value by its JSON; a list matches by any of its elements. A name with dots is
 * found as one name and as a path.
 *
 * @param json - The event. What is no JSON has no members.
 */
export function hasMembers(json: string, filter: MemberFilter): boolean {
  const wanted = Object.entries(filter);
  if (wanted.length === 0) return true;
  let event: unknown;
  try {
    event = JSON.parse(json);
  } catch {
    return false;
  }
  return wanted.every(([path, text]) => membersAt(event, path).some((value) => isText(value, text)));
}

function membersAt(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((element) => membersAt(element, path));
  if (typeof value !== "object" || value === null) return [];
  const own = Object.hasOwn(value, path) ? [value[path as keyof typeof value]] : [];
  const dots = [...path.matchAll(/\./g)].map(({ index }) => index);
  return [
    ...own,
    ...dots.flatMap((dot) =>
      Object.hasOwn(value, path.slice(0, dot))
        ? membersAt(value[path.slice(0, dot) as keyof typeof value], path.slice(dot + 1))
        : [],
    ),
  ];
}

function isText(value: unknown, text: string): boolean {
  if (Array.isArray(value)) return value.some((element) => isText(element, text));
  return value === text || (typeof value !== "string" && JSON.stringify(value) === text);
}
