import { type ContractsModule, EventContracts } from "@event-pipeline/contracts/event-contracts";
import { EnvironmentError } from "./errors";

/**
 * Loads the contracts that synth wrote next to the handler.
 *
 * During a deployment, the variable and the file may belong to different versions, because Lambda changes them one after
 * the other. The file counts.
 *
 * @param hash - The environment variable `CONTRACTS_HASH`; undefined if the stack has no contracts.
 * @param url - The file's URL.
 * @throws EnvironmentError if the stack has contracts, and the file is missing or cannot be used.
 */
export async function loadContracts(hash: string | undefined, url: URL): Promise<EventContracts> {
  if (!hash) return EventContracts.NONE;
  try {
    return new EventContracts((await import(url.href)) as ContractsModule);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing
      ? "the function has no contracts.mjs"
      : `contracts.mjs fails: ${(cause as Error).message}`;
    throw new EnvironmentError(
      `CONTRACTS_HASH is "${hash}", but ${problem}. Deploy the folder that synth writes, or remove the variable.`,
      { cause },
    );
  }
}
