import type { Synthesized } from "@event-pipeline/testing/synthesized";

/** Terraform's order of creation, from references and `depends_on`. */
export interface DependencyGraph {
  /**
   * Returns every address that `address` depends on, directly or indirectly.
   *
   * @throws Error if there is a cycle.
   */
  dependenciesOf(address: string): string[];
}

export function dependencyGraph({ resource, data }: Synthesized): DependencyGraph {
  const blocks = new Map([...addressed(resource, ""), ...addressed(data, "data.")]);
  // A postcondition may refer to its own block.
  const direct = new Map(
    [...blocks].map(([address, config]) => [address, namesIn(config, blocks).filter((name) => name !== address)]),
  );
  const known = new Map<string, Set<string>>();

  function closure(address: string, path: readonly string[]): Set<string> {
    if (path.includes(address)) throw new Error(`Terraform refuses the cycle ${[...path, address].join(" → ")}.`);
    const found = known.get(address);
    if (found) return found;
    const all = new Set<string>();
    for (const before of direct.get(address) ?? []) {
      all.add(before);
      for (const each of closure(before, [...path, address])) all.add(each);
    }
    known.set(address, all);
    return all;
  }

  return {
    dependenciesOf(address) {
      if (!blocks.has(address)) throw new Error(`The stack has no ${address}.`);
      return [...closure(address, [])];
    },
  };
}

function addressed(kind: Synthesized["resource"] | undefined, prefix: string): [string, unknown][] {
  return Object.entries(kind ?? {}).flatMap(([type, named]) =>
    Object.entries(named).map(([name, config]): [string, unknown] => [`${prefix}${type}.${name}`, config]),
  );
}

/** Returns the addresses in `blocks` that expressions, `depends_on` or `replace_triggered_by` refer to. */
function namesIn(config: unknown, blocks: ReadonlyMap<string, unknown>): string[] {
  const text = JSON.stringify(config);
  const names = [...text.matchAll(/(?:data\.)?[a-z]\w*\.\w+/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => blocks.has(name));
}
