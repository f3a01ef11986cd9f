import { ATTRIBUTE } from "@event-pipeline/event-model/mapping/identity";
import type { StoredEvent } from "../table/stored-event";

/**
 * The required values of an event's members, by their paths, such as `severity` or `data.target`, and of its message
 * attributes, such as `attribute:agent`.
 */
export type MemberFilter = Readonly<Record<string, string>>;

/**
 * Returns whether an event has the required members and message attributes. A string matches if it is equal,
 * a list if one of its elements matches, and any other value if its JSON is equal.
 * A path with dots also matches a member whose name contains dots.
 *
 * @param event - The event as stored. Data that is not JSON has no members.
 * @example
 * hasMembers({ data: '{"severity":"high"}' }, { severity: "high" }); // true
 */
export function hasMembers(
  { data, attributes = {} }: Pick<StoredEvent, "data" | "attributes">,
  filter: MemberFilter,
): boolean {
  const required: [path: string, text: string][] = [];
  for (const [path, text] of Object.entries(filter)) {
    if (!path.startsWith(ATTRIBUTE)) required.push([path, text]);
    else {
      const name = path.slice(ATTRIBUTE.length);
      if (!Object.hasOwn(attributes, name) || attributes[name] !== text) return false;
    }
  }
  if (required.length === 0) return true;
  let event: unknown;
  try {
    event = JSON.parse(data);
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
