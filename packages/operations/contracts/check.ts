import { ContractError } from "@event-pipeline/contracts/contract";
import type { ContractSet } from "@event-pipeline/contracts/contract-set";
import { readContractFolder } from "@event-pipeline/contracts/read-folder";
import { UsageError } from "../errors";

export {
  type ContractComparison,
  compareSets,
  type SetComparison,
} from "@event-pipeline/contracts/compatibility/compare";

/** The contracts and the mapping in a folder. */
export type CheckedContracts = Pick<ContractSet, "contracts" | "mapping">;

/**
 * Reads the contracts and the mapping in a folder.
 *
 * @throws UsageError if there is no such folder, or naming the file that cannot be used and why.
 * @example
 * const { contracts } = readWorkingTree("events");
 */
export function readWorkingTree(folder: string): CheckedContracts {
  try {
    return readContractFolder(folder);
  } catch (cause) {
    if (cause instanceof ContractError) throw new UsageError(cause.message, { cause });
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    if (code === "ENOENT")
      throw new UsageError(`There is no folder ${folder}. Give the folder with --folder.`, { cause });
    throw new UsageError(`Cannot read the contracts in ${folder}: ${message}.`, { cause });
  }
}
