import { useEffect, useState } from "preact/hooks";
import type { Contracts } from "../api";
import type { ApiClient } from "./api-client";

const NONE: Contracts = { hash: "", contracts: [] };

/**
 * Reads the deployed contracts. Returns undefined until the server answers.
 *
 * @param hash - Hash of the contracts that the server uses now. Reads them again if it is another one.
 */
export function useContracts(api: ApiClient, hash?: string): Contracts | undefined {
  const [contracts, setContracts] = useState<Contracts>();
  const isKnown = contracts !== undefined && (hash === undefined || contracts.hash === hash);
  useEffect(() => {
    if (isKnown) return;
    let isCurrent = true;
    const show = (latest: Contracts) => isCurrent && setContracts(latest);
    api.contracts().then(show, (error: Error) => show({ ...NONE, notKnown: error.message }));
    return () => {
      isCurrent = false;
    };
  }, [api, hash]);
  return contracts;
}
