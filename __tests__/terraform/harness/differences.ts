import { isDeepStrictEqual } from "node:util";
import type { State } from "./plan";

/** Attributes to ignore: times and ids, and a role's inline policies, which are separate resources. */
const NOT_COMPARED = new Set(["inline_policy", "last_modified", "qualified_arn", "version", "etag", "version_id"]);

/** Returns the differences between two states, by address and attribute; empty if there are none. */
export function differences(before: State | undefined, after: State | undefined): string[] {
  const [was, is] = [byAddress(before), byAddress(after)];
  const addresses = [...new Set([...was.keys(), ...is.keys()])].sort();
  return addresses.flatMap((address) => {
    const [old, now] = [was.get(address), is.get(address)];
    if (!old) return [`${address} is new`];
    if (!now) return [`${address} is gone`];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((key) => !NOT_COMPARED.has(key) && !isDeepStrictEqual(old[key], now[key]))
      .map((key) => `${address}.${key}: ${JSON.stringify(old[key])} → ${JSON.stringify(now[key])}`);
  });
}

function byAddress(state: State | undefined) {
  const resources = state?.values?.root_module.resources ?? [];
  return new Map(resources.map(({ address, values }) => [address, values]));
}
