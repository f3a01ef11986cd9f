import type { FolderContracts } from "./folder";

/** The difference between contracts in a folder and deployed ones. */
export interface ContractDifference {
  /** The types whose contract is only in the folder. */
  readonly added: readonly string[];
  /** The types whose contracts differ. */
  readonly changed: readonly string[];
  /** The types whose contract is only deployed. */
  readonly deleted: readonly string[];
  readonly isMappingChanged: boolean;
}

/**
 * Compares the contracts in a folder with the deployed ones. Returns undefined if they are the same.
 *
 * @example
 * differenceOf(readFolder("events"), deployed)?.changed; // ["finding.new"]
 */
export function differenceOf(folder: FolderContracts, deployed: FolderContracts): ContractDifference | undefined {
  const [inFolder, inDeployed] = [folder, deployed].map(
    ({ contracts }) => new Map(contracts.map(({ type, hash }) => [type, hash])),
  ) as [Map<string, string>, Map<string, string>];
  const types = [...inFolder.keys()];
  const difference = {
    added: types.filter((type) => !inDeployed.has(type)),
    changed: types.filter((type) => inDeployed.has(type) && inDeployed.get(type) !== inFolder.get(type)),
    deleted: [...inDeployed.keys()].filter((type) => !inFolder.has(type)),
    isMappingChanged: JSON.stringify(folder.mapping) !== JSON.stringify(deployed.mapping),
  };
  const { added, changed, deleted, isMappingChanged } = difference;
  return [added, changed, deleted].some(({ length }) => length > 0) || isMappingChanged ? difference : undefined;
}
