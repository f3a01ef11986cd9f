import { hash } from "node:crypto";
import type { MappingEntry } from "@event-pipeline/event-model/mapping/mapping";
import { compileContract, instantiate } from "./compile";
import type { Contract } from "./contract";
import { EventContracts } from "./event-contracts";
import { type JsonSchema, TYPE_KEYWORD, VERSION_KEYWORD } from "./schema";

/** All contracts of a pipeline, and its mapping. */
export interface ContractSet {
  /** The contracts, ordered by type. */
  readonly contracts: readonly Contract[];
  readonly mapping: readonly MappingEntry[];
  /** True if events of types without a contract are refused. */
  readonly strictTypes: boolean;
}

/** Returns the JSON of a set, which is kept in the archive's bucket. */
export function setToJson({ contracts, mapping, strictTypes }: ContractSet): string {
  return JSON.stringify({ strictTypes, mapping, contracts: contracts.map(({ schema }) => schema) });
}

/** Reads the JSON that `setToJson` wrote. */
export function setFromJson(json: string): ContractSet {
  const { contracts, mapping, strictTypes } = JSON.parse(json) as Omit<ContractSet, "contracts"> & {
    readonly contracts: readonly JsonSchema[];
  };
  return {
    strictTypes,
    mapping,
    contracts: contracts.map((schema) => ({
      type: String(schema[TYPE_KEYWORD]),
      version: String(schema[VERSION_KEYWORD]),
      schema,
      hash: hash("sha256", JSON.stringify(schema)),
    })),
  };
}

/** Returns the SHA-256 of a set: the name under which commands find it. */
export function hashOf(set: ContractSet): string {
  return hash("sha256", setToJson(set));
}

/** Returns the text of the module `contracts.mjs`. */
export function moduleSource(set: ContractSet): string {
  const contracts = set.contracts.map(
    ({ type, version, hash, schema }) =>
      `[${JSON.stringify(type)}, {version: ${JSON.stringify(version)}, hash: ${JSON.stringify(hash)}, define(module, require) {${compileContract(schema)}}}]`,
  );
  return [
    `export const hash = ${JSON.stringify(hashOf(set))};`,
    `export const strictTypes = ${set.strictTypes};`,
    `export const mapping = ${JSON.stringify(set.mapping)};`,
    `export const contracts = new Map([\n${contracts.join(",\n")}\n]);`,
    "",
  ].join("\n");
}

/** Compiles a set for this process: the same code as in `contracts.mjs`. */
export function eventContractsOf(set: ContractSet): EventContracts {
  const { mapping, strictTypes } = set;
  const contracts = set.contracts.map(({ type, version, hash, schema }) => {
    const define = (module: { exports: unknown }) => {
      module.exports = instantiate(compileContract(schema));
    };
    return [type, { version, hash, define }] as const;
  });
  return new EventContracts({ hash: hashOf(set), mapping, strictTypes, contracts: new Map(contracts) });
}
