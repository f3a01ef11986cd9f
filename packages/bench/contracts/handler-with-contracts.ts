import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readContract } from "@event-pipeline/contracts/contract";
import { hashOf, moduleSource } from "@event-pipeline/contracts/contract-set";
import type { JsonSchema } from "@event-pipeline/contracts/schema";

const HANDLER = "dist/lambda/event-processor";

/** The event processor's bundle, and the variables that it needs. */
export interface Handler {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Copies the event processor's bundle to a folder, and adds the contracts as synth does.
 *
 * @throws ContractError if synth would refuse a contract.
 */
export function handlerWithContracts(folder: string, schemas: readonly JsonSchema[]): Handler {
  cpSync(HANDLER, folder, { recursive: true });
  if (schemas.length === 0) return { folder, environment: {} };
  const contracts = schemas.map((schema) => readContract(`${schema["x-event-type"]}.json`, JSON.stringify(schema)));
  const set = { contracts, mapping: [], strictTypes: false };
  writeFileSync(join(folder, "contracts.mjs"), moduleSource(set));
  return { folder, environment: { CONTRACTS_HASH: hashOf(set) } };
}
