import type { Contract } from "../contract";
import { readContract } from "../contract";
import type { ContractSet } from "../contract-set";
import type { JsonSchema } from "../schema";

/** Returns the text of a contract of the type `a` with these keywords. */
export function contractText(keywords: JsonSchema = {}): string {
  return JSON.stringify({
    "x-event-type": "a",
    "x-version": "1.0.0",
    title: "A",
    description: "An event.",
    examples: [{ type: "a" }],
    ...keywords,
  });
}

export function contractOf(keywords: JsonSchema = {}): Contract {
  return readContract("a.json", contractText(keywords));
}

export function setOf(contracts: readonly Contract[], more: Partial<ContractSet> = {}): ContractSet {
  return { mapping: [], strictTypes: false, ...more, contracts };
}
