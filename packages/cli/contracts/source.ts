import type { FolderContracts } from "@event-pipeline/operations/contracts/folder";
import type { Command } from "commander";
import type { CommandSession } from "../action";

/** The options that say where contracts are read, as commander parses them. */
export interface SourceOptions {
  readonly deployed?: boolean;
  readonly folder: string;
}

export function addSourceOptions(command: Command): Command {
  return command
    .option("--deployed", "Read the deployed contracts (default: those in the folder)")
    .option("--folder <path>", "Folder of the contracts", "events");
}

/** @throws UsageError if the folder cannot be used, and the error from AWS if the deployed contracts cannot be read. */
export async function readContracts(
  { pipeline, signal }: CommandSession,
  { deployed = false, folder }: SourceOptions,
): Promise<FolderContracts> {
  if (deployed) {
    const { currentContracts } = await import("@event-pipeline/operations/deployed-contracts");
    const { set } = await currentContracts(pipeline(), signal);
    return set ?? { contracts: [], mapping: [] };
  }
  const { readFolder } = await import("@event-pipeline/operations/contracts/folder");
  return readFolder(folder);
}
