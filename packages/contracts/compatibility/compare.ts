import { isDeepStrictEqual } from "node:util";
import { compileContract, instantiate } from "../compile";
import type { Contract } from "../contract";
import type { ContractSet } from "../contract-set";
import { describeViolation } from "../violation";
import { candidates, sampleOf } from "./counterexample";
import { type UnimpliedRule, unimpliedRules } from "./implied";
import { inlined } from "./inline";

/** An event that was valid and no longer is. */
export interface BreakingChange {
  /** JSON pointer to the value that is refused; empty for the event itself. */
  readonly place: string;
  /** The keyword that refuses it. */
  readonly rule: string;
  /** An event that is valid under the old contract. The new contract refuses it. */
  readonly example: unknown;
  /** Why the new contract refuses the example, as a sentence. */
  readonly reason: string;
}

/**
 * What a change of a contract means for events that were valid:
 * - `unchanged`: the rules are the same.
 * - `compatible`: each of them stays valid.
 * - `breaking`: at least one is refused.
 * - `unknown`: neither is certain.
 * - `added`: the type had no contract. `deleted`: it no longer has one.
 */
export type Verdict = "unchanged" | "compatible" | "breaking" | "unknown" | "added" | "deleted";

export interface ContractComparison {
  readonly type: string;
  readonly verdict: Verdict;
  readonly oldVersion: string | undefined;
  readonly newVersion: string | undefined;
  /** The breaking changes, one for each place and rule. */
  readonly breaking: readonly BreakingChange[];
  /** The places and rules that could not be decided. */
  readonly unknown: readonly Pick<BreakingChange, "place" | "rule">[];
}

export interface SetComparison {
  /** The contracts of both sets, ordered by type. */
  readonly contracts: readonly ContractComparison[];
  /** True if the mappings differ. The same event may then have another key. */
  readonly isMappingChanged: boolean;
}

/** Maximum number of rules for which an example is searched. */
const MAX_RULES = 200;

/**
 * Compares two versions of a contract.
 *
 * @example
 * compareContracts(deployed, edited).verdict; // "breaking"
 */
export function compareContracts(old: Contract, next: Contract): ContractComparison {
  const versions = { type: next.type, oldVersion: old.version, newVersion: next.version };
  const oldRules = inlined(old.schema);
  const newRules = inlined(next.schema);
  if (isDeepStrictEqual(oldRules, newRules)) return { ...versions, verdict: "unchanged", breaking: [], unknown: [] };
  const rules = unimpliedRules(oldRules, newRules);
  if (rules.length === 0) return { ...versions, verdict: "compatible", breaking: [], unknown: [] };
  const search = new Search(old, next, [...((old.schema.examples as unknown[]) ?? []), sampleOf(oldRules)]);
  for (const rule of rules.slice(0, MAX_RULES)) search.add(rule);
  const breaking = [...search.breaking.values()];
  const decided = new Set(breaking.map(({ place }) => place));
  const open = rules.filter(({ path }) => !decided.has(placeOf(path)));
  const unknown = [
    ...new Map(open.map(({ path, rule }) => [`${placeOf(path)} ${rule}`, { place: placeOf(path), rule }])),
  ];
  return {
    ...versions,
    verdict: breaking.length > 0 ? "breaking" : "unknown",
    breaking,
    unknown: unknown.map(([, each]) => each),
  };
}

/**
 * Compares two sets. A deleted contract breaks only if `next` refuses events of types without a contract.
 *
 * @example
 * const isBreaking = compareSets(deployed, edited).contracts.some(({ verdict }) => verdict === "breaking");
 */
export function compareSets(old: Pick<ContractSet, "contracts" | "mapping">, next: ContractSet): SetComparison {
  const oldByType = new Map(old.contracts.map((contract) => [contract.type, contract]));
  const newByType = new Map(next.contracts.map((contract) => [contract.type, contract]));
  const types = [...new Set([...oldByType.keys(), ...newByType.keys()])].sort();
  const contracts = types.map((type): ContractComparison => {
    const [former, current] = [oldByType.get(type), newByType.get(type)];
    if (former && current) return compareContracts(former, current);
    const versions = { type, oldVersion: former?.version, newVersion: current?.version };
    if (!former || !next.strictTypes) {
      return { ...versions, verdict: former ? "deleted" : "added", breaking: [], unknown: [] };
    }
    const [example] = former.schema.examples as unknown[];
    const reason = `with strictTypes, an event of the type ${JSON.stringify(type)} needs a contract.`;
    return {
      ...versions,
      verdict: "breaking",
      breaking: [{ place: "", rule: "strictTypes", example, reason }],
      unknown: [],
    };
  });
  return { contracts, isMappingChanged: !isDeepStrictEqual(old.mapping, next.mapping) };
}

class Search {
  /** The breaking changes by place and rule. */
  readonly breaking = new Map<string, BreakingChange>();
  private readonly wasValid;
  private readonly isValid;

  constructor(
    old: Contract,
    next: Contract,
    private readonly bases: readonly unknown[],
  ) {
    this.wasValid = instantiate(compileContract(old.schema));
    this.isValid = instantiate(compileContract(next.schema));
  }

  /** Adds the smallest event that the rule may refuse, if one is found. */
  add(rule: UnimpliedRule): void {
    for (const example of candidates(rule, this.bases)) {
      if (example === undefined || typeof example !== "object" || example === null || Array.isArray(example)) continue;
      if (!this.wasValid(example) || this.isValid(example)) continue;
      const errors = this.isValid.errors ?? [];
      const { instancePath: place = "", keyword = rule.rule } = errors.at(-1) ?? {};
      const key = `${place} ${keyword}`;
      const known = this.breaking.get(key);
      if (known && JSON.stringify(known.example).length <= JSON.stringify(example).length) continue;
      this.breaking.set(key, { place, rule: keyword, example, reason: describeViolation(errors, example) });
    }
  }
}

function placeOf(path: UnimpliedRule["path"]): string {
  return path.map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
