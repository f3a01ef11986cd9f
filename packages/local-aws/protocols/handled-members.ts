/** Types whose values have no members. */
type Leaf = string | number | boolean | bigint | Date | Uint8Array | Blob | ReadableStream | NodeJS.ReadableStream;

/**
 * Paths of the members in an input, such as `QueueUrl` and `Entries.Id`. The elements of lists and the values of maps
 * have the path of the list or map.
 */
export type MemberPath<Input> = Input extends Leaf
  ? never
  : Input extends readonly (infer Element)[]
    ? MemberPath<Element>
    : string extends keyof Input
      ? MemberPath<Input[keyof Input]>
      : { [Name in keyof Input & string]-?: PathFrom<Name, NonNullable<Input[Name]>> }[keyof Input & string];

type PathFrom<Name extends string, Value> = [MemberPath<Value>] extends [never] ? Name : `${Name}.${MemberPath<Value>}`;

/** The members that an action supports. The supported members of a nested structure are below its name. */
export type HandledMembers = ReadonlyMap<string, HandledMembers>;

/** @example handledMembers(["QueueUrl", "Entries.Id", "Entries.MessageBody"]) */
export function handledMembers(paths: readonly string[]): HandledMembers {
  const root = new Map<string, Map<string, HandledMembers>>();
  for (const path of paths) {
    let members: Map<string, HandledMembers> = root;
    for (const name of path.split(".")) {
      const nested = (members.get(name) ?? new Map()) as Map<string, HandledMembers>;
      members.set(name, nested);
      members = nested;
    }
  }
  return root;
}
