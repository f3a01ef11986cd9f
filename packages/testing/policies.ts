import { readFileSync } from "node:fs";

/** A statement of a policy in docs/permissions.md. */
export interface Permission {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

const DOCUMENT = readFileSync("docs/permissions.md", "utf8");

/** The statements of each policy in docs/permissions.md, by the name in the comment above the policy. */
export const POLICIES: ReadonlyMap<string, readonly Permission[]> = new Map(
  [...DOCUMENT.matchAll(/<!-- ([\w-]+) -->\n\n```json\n(.*?)```/gs)].map(([, name = "", json = ""]) => [
    name,
    JSON.parse(json).Statement,
  ]),
);

/** The policies that each command needs, from the table in docs/permissions.md. */
export const COMMAND_POLICIES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...DOCUMENT.matchAll(/^\| `([a-z ]+)` \| (none|`.*`) \|$/gm)].map(([, command, policies = ""]) => [
    command,
    [...policies.matchAll(/`(\w+)`/g)].map(([, policy = ""]) => policy),
  ]),
);

/** @throws Error if docs/permissions.md has no policy with this name. */
export function documentedPolicy(name: string): readonly Permission[] {
  const policy = POLICIES.get(name);
  if (!policy) throw new Error(`docs/permissions.md has no policy ${name}.`);
  return policy;
}
