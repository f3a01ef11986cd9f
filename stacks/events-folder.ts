import { ContractError } from "@event-pipeline/contracts/contract";
import type { ContractSet } from "@event-pipeline/contracts/contract-set";
import { readContractFolder } from "@event-pipeline/contracts/read-folder";
import { throwIfAny } from "./options/validate-options";

/**
 * Reads the contracts and the mapping. Returns undefined if there are none.
 *
 * @throws InvalidOptionsError naming the file and what is wrong with it.
 */
export function contractsIn(folder: string | undefined, strictTypes: boolean): ContractSet | undefined {
  const { contracts, mapping } = folder === undefined ? { contracts: [], mapping: [] } : read(folder);
  if (strictTypes && contracts.length === 0) {
    throwIfAny(["strictTypes: expected at least one contract, because without one, every event would be refused"]);
  }
  return contracts.length + mapping.length > 0 ? { contracts, mapping, strictTypes } : undefined;
}

function read(folder: string): Omit<ContractSet, "strictTypes"> {
  try {
    return readContractFolder(folder);
  } catch (error) {
    const isMissing = ["ENOENT", "ENOTDIR"].includes(String((error as NodeJS.ErrnoException).code));
    if (!isMissing && !(error instanceof ContractError)) throw error;
    const problem = isMissing ? `${JSON.stringify(folder)} is not a folder` : (error as Error).message;
    throwIfAny([`eventsFolder: ${problem}`]);
    throw error;
  }
}
