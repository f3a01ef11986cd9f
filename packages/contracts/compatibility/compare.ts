import { isDeepStrictEqual } from "node:util";
import type { MappingEntry } from "@event-pipeline/event-model/mapping/mapping";
import { compileContract, instantiate } from "../compile";
import type { Contract } from "../contract";
import type { ContractSet } from "../contract-set";
import type { JsonSchema } from "../schema";
import { describeViolation } from "../violation";
import { candidates, sampleOf } from "./counterexample";
import { type Path, type UnimpliedRule, unimpliedRules } from "./implied";
import { inlined, type Schema } from "./inline";

/** A rule of a contract, and the place in an event that it applies to. */
export interface PlacedRule {
  /** JSON pointer to the value, with 0 for the items of an array; empty for the event itself. */
  readonly place: string;
  /** The keyword. */
  readonly rule: string;
}

/** A rule that refuses an event that was valid. */
export interface BreakingChange extends PlacedRule {
  /** An event that is valid under the old contract. The new contract refuses it. */
  readonly example: unknown;
  /** The reason why the new contract refuses the example, as a sentence. */
  readonly reason: string;
}

/**
 * The meaning of a change for events that were valid:
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
  /** The new rules for which neither is certain. */
  readonly unknown: readonly PlacedRule[];
}

/** The changes of a mapping. The events that these entries claim have other keys. */
export interface MappingComparison {
  readonly added: readonly MappingEntry[];
  readonly removed: readonly MappingEntry[];
  /** The entries of both mappings that now have another order. */
  readonly moved: readonly MappingEntry[];
}

export interface SetComparison {
  /** The contracts of both sets, ordered by type. */
  readonly contracts: readonly ContractComparison[];
  readonly mapping: MappingComparison;
}

/** Maximum number of rules for which an example is searched. */
const MAX_RULES = 100;
/** Maximum number of events that are changed in search of an example. */
const MAX_BASES = 10;

/**
 * Compares two versions of a contract.
 *
 * @param isMapped - Whether a mapping finds the type of events. Without one, events of this type have it as a member.
 * @example
 * compareContracts(deployed, edited, { isMapped: false }).verdict; // "breaking"
 */
export function compareContracts(
  old: Contract,
  next: Contract,
  { isMapped }: { readonly isMapped: boolean },
): ContractComparison {
  const versions = { type: next.type, oldVersion: old.version, newVersion: next.version };
  const [oldRules, newRules] = [inlined(old.schema), inlined(next.schema)];
  if (isDeepStrictEqual(oldRules, newRules)) return { ...versions, verdict: "unchanged", breaking: [], unknown: [] };
  const given = [oldRules, eventSchema(next.type, isMapped)];
  const rules = unimpliedRules(given, newRules);
  if (rules.length === 0) return { ...versions, verdict: "compatible", breaking: [], unknown: [] };
  const search = new Search(given, old, next);
  const undecided = rules.filter((rule, index) => index >= MAX_RULES || !search.add(rule));
  const unknown = new Map(
    undecided.map(({ path, rule }) => [`${placeOf(path)} ${rule}`, { place: placeOf(path), rule }]),
  );
  return {
    ...versions,
    verdict: search.breaking.size > 0 ? "breaking" : "unknown",
    breaking: [...search.breaking.values()],
    unknown: [...unknown.values()],
  };
}

/** Returns what is certain about each event of a type. An event without a type counts as `unknown`. */
function eventSchema(type: string, isMapped: boolean): JsonSchema {
  if (isMapped || type === "unknown") return { type: "object" };
  return { type: "object", required: ["type"], properties: { type: { const: type } } };
}

/**
 * Compares two sets. A deleted contract breaks only if `next` refuses events of types without a contract.
 *
 * @example
 * const isBreaking = compareSets(deployed, edited).contracts.some(({ verdict }) => verdict === "breaking");
 */
export function compareSets(old: Pick<ContractSet, "contracts" | "mapping">, next: ContractSet): SetComparison {
  const isMapped = old.mapping.length + next.mapping.length > 0;
  const oldByType = new Map(old.contracts.map((contract) => [contract.type, contract]));
  const newByType = new Map(next.contracts.map((contract) => [contract.type, contract]));
  const types = [...new Set([...oldByType.keys(), ...newByType.keys()])].sort();
  const contracts = types.map((type): ContractComparison => {
    const [former, current] = [oldByType.get(type), newByType.get(type)];
    if (former && current) return compareContracts(former, current, { isMapped });
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
  return { contracts, mapping: compareMappings(old.mapping, next.mapping) };
}

function compareMappings(old: readonly MappingEntry[], next: readonly MappingEntry[]): MappingComparison {
  const without = (entries: readonly MappingEntry[], others: readonly MappingEntry[]) =>
    entries.filter((entry) => !others.some((other) => isDeepStrictEqual(entry, other)));
  const [removed, added] = [without(old, next), without(next, old)];
  const [before, after] = [without(old, removed), without(next, added)];
  return { added, removed, moved: after.filter((entry, index) => !isDeepStrictEqual(entry, before[index])) };
}

/** Searches events that the old contract accepts and the new one refuses. */
class Search {
  /** The breaking changes by place and rule. */
  readonly breaking = new Map<string, BreakingChange>();
  private readonly validate;
  private readonly wasValid: (event: unknown) => boolean;
  private readonly bases: readonly unknown[];

  constructor(
    private readonly given: readonly Schema[],
    old: Contract,
    next: Contract,
  ) {
    const [isEvent, matches] = [given[1] as JsonSchema, old.schema].map((schema) =>
      instantiate(compileContract(schema)),
    );
    this.wasValid = (event) => isEvent?.(event) === true && matches?.(event) === true;
    this.validate = instantiate(compileContract(next.schema));
    const valid = [next, old].flatMap(({ schema }) => (schema.examples as unknown[]) ?? []).filter(this.wasValid);
    // A change of an event that is still valid shows the rule by itself.
    const [still, no] = [valid.filter((event) => this.validate(event)), valid.filter((event) => !this.validate(event))];
    this.bases = [...still, ...no].slice(0, MAX_BASES);
  }

  /** Adds the smallest event that the rule refuses. Returns false if none is found. */
  add(rule: UnimpliedRule): boolean {
    // The rule for a member that is missing or not allowed is a rule of the object.
    const places = [placeOf(rule.path), placeOf(rule.path.slice(0, -1))];
    for (const base of [...this.bases, sampleOf(this.given, rule.path)]) {
      let isFound = false;
      for (const example of candidates(rule, base)) {
        const found = this.breakingChange(example);
        if (!found) continue;
        this.keepSmaller(found);
        isFound ||= places.includes(found.place);
      }
      if (isFound) return true;
    }
    return false;
  }

  private breakingChange(example: unknown): BreakingChange | undefined {
    if (!this.wasValid(example) || this.validate(example)) return undefined;
    const errors = this.validate.errors ?? [];
    // The last error is the outermost.
    const { instancePath, keyword } = errors.at(-1) as (typeof errors)[number];
    return { place: instancePath, rule: keyword, example, reason: describeViolation(errors, example) };
  }

  private keepSmaller(change: BreakingChange): void {
    const key = `${change.place} ${change.rule}`;
    const known = this.breaking.get(key);
    if (known && sizeOf(known) <= sizeOf(change)) return;
    this.breaking.set(key, change);
  }
}

function sizeOf({ example }: BreakingChange): number {
  return JSON.stringify(example).length;
}

function placeOf(path: Path): string {
  return path.map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
