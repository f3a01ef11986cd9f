import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { ATTRIBUTE } from "@event-pipeline/event-model/mapping/identity";
import type { MappingEntry } from "@event-pipeline/event-model/mapping/mapping";
import { PRESETS } from "@event-pipeline/event-model/mapping/presets";
import { type Contract, ContractError, readContract, readJson } from "./contract";
import type { ContractSet } from "./contract-set";

export const MAPPING_FILE = "mapping.json";

/**
 * Reads the contracts in a folder, one `.json` file each, and its `mapping.json`.
 *
 * @throws ContractError naming the file and what is wrong with it.
 * @example
 * const { contracts, mapping } = readContractFolder("events");
 */
export function readContractFolder(folder: string): Pick<ContractSet, "contracts" | "mapping"> {
  const files = readdirSync(folder).filter(isContractFile);
  const texts = new Map(files.map((file) => [join(folder, file), readFileSync(join(folder, file), "utf8")]));
  return readContractTexts(texts, join(folder, MAPPING_FILE));
}

/** Returns whether a file in the folder is a contract or the mapping. */
export function isContractFile(name: string): boolean {
  return name.endsWith(".json") && !name.startsWith(".");
}

/** @param texts - The texts of the files by name. @param mappingFile - The name of the mapping's file. */
export function readContractTexts(
  texts: ReadonlyMap<string, string>,
  mappingFile: string,
): Pick<ContractSet, "contracts" | "mapping"> {
  const fileByType = new Map<string, string>();
  const contracts: Contract[] = [];
  for (const [file, text] of texts) {
    if (file === mappingFile) continue;
    const contract = readContract(file, text);
    const other = fileByType.get(contract.type);
    if (other !== undefined) {
      throw new ContractError(
        `${other} and ${file} are both contracts of ${JSON.stringify(contract.type)}. Delete one, or change its x-event-type.`,
      );
    }
    fileByType.set(contract.type, file);
    contracts.push(contract);
  }
  contracts.sort((one, other) => (one.type < other.type ? -1 : 1));
  const mapping = texts.get(mappingFile);
  return { contracts, mapping: mapping === undefined ? [] : readMapping(mappingFile, mapping) };
}

const PLACE_LISTS = ["type", "id", "time"];

/** @throws ContractError naming the entry, its value and what is allowed. */
export function readMapping(file: string, text: string): MappingEntry[] {
  const value = readJson(file, text);
  if (!Array.isArray(value)) throw new ContractError(`${file}: the mapping must be a list, such as ["cloudevents"].`);
  return value.map((entry, index) => {
    const problem = entryProblem(entry);
    if (problem) throw new ContractError(`${file}: entry ${index + 1} ${problem}`);
    return entry as MappingEntry;
  });
}

function entryProblem(entry: unknown): string | undefined {
  if (typeof entry === "string") {
    if (Object.hasOwn(PRESETS, entry)) return undefined;
    return `is ${quoted(entry)}; the presets are ${Object.keys(PRESETS).join(", ")}.`;
  }
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    return `is ${quoted(entry)}; it must be a preset's name, or a rule such as {"type": ["/kind"]}.`;
  }
  const unknown = Object.keys(entry).find((name) => !PLACE_LISTS.includes(name));
  if (unknown !== undefined) return `has ${quoted(unknown)}; a rule has ${PLACE_LISTS.join(", ")}.`;
  if (!Object.hasOwn(entry, "type")) return 'has no "type"; without one it would find nothing.';
  for (const [name, places] of Object.entries(entry)) {
    if (!Array.isArray(places) || places.length === 0) {
      return `has ${quoted(name)}: ${quoted(places)}; it must be a list of places, such as ["/kind"].`;
    }
    const bad = places.find((place) => !isPlace(place));
    if (bad !== undefined) {
      return `has the place ${quoted(bad)} in ${quoted(name)}; it must be a JSON pointer, such as "/detail/kind", or "attribute:NAME".`;
    }
  }
  return undefined;
}

/** Quotes a value for a message, shortened. */
function quoted(value: unknown): string {
  return excerpt(JSON.stringify(value));
}

/** Matches a JSON pointer to a value below the event, and the name of an SNS message attribute. */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/u;
const ATTRIBUTE_NAME = /^[\w.-]{1,256}$/;

function isPlace(place: unknown): boolean {
  if (typeof place !== "string") return false;
  return place.startsWith(ATTRIBUTE) ? ATTRIBUTE_NAME.test(place.slice(ATTRIBUTE.length)) : POINTER.test(place);
}
