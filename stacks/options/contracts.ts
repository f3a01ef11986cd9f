import { flag } from "./option-schemas";

/** Options for the contracts of event types. */
export const CONTRACTS_SHAPE = {
  /**
   * Refuses events whose type has no contract, with the code `UNKNOWN_TYPE`. Needs at least one contract.
   * @default - false: events of other types are stored as they are
   */
  strictTypes: flag().default(false),
};
