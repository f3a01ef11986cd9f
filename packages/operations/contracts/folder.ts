import { ContractError } from "@event-pipeline/contracts/contract";
import type { ContractSet } from "@event-pipeline/contracts/contract-set";
import { readContractFolder } from "@event-pipeline/contracts/read-folder";
import { UsageError } from "../errors";

/** The contracts and the mapping in a folder. */
export type FolderContracts = Pick<ContractSet, "contracts" | "mapping">;

/**
 * Reads the contracts and the mapping in a folder.
 *
 * @throws UsageError if there is no such folder, or naming the file that cannot be used and why.
 * @example
 * const { contracts } = readFolder("events");
 */
export function readFolder(folder: string): FolderContracts {
  try {
    return readContractFolder(folder);
  } catch (cause) {
    if (cause instanceof ContractError) throw new UsageError(cause.message, { cause });
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new UsageError(
      code === "ENOENT"
        ? `There is no folder ${JSON.stringify(folder)}. Give the folder of the contracts with --folder.`
        : `Cannot read the contracts in ${JSON.stringify(folder)}: ${message}.`,
      { cause },
    );
  }
}
