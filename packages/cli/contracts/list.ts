import { existsSync } from "node:fs";
import type { FolderContracts } from "@event-pipeline/operations/contracts/folder";
import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import type { CommandSession, CreateAction } from "../action";
import { addSourceOptions, readContracts, type SourceOptions } from "./source";

/** Length of a hash in the table, as in the handler's messages. */
const SHORT_HASH = 8;

export function addListCommand(contracts: Command, action: CreateAction): void {
  const list = contracts.command("list").description("List the event types that have a contract");
  addSourceOptions(list)
    .addHelpText("after", "\nWith --deployed, it also says how the folder differs from what is deployed.")
    .action(
      action<SourceOptions>(async (session, options) => {
        const { output } = session;
        const found = await readContracts(session, options);
        if (output.json) {
          for (const { type, version, hash, schema } of found.contracts) {
            await output.record({ type, version, title: schema.title, hash });
          }
        } else {
          await output.table(
            ["TYPE", "VERSION", "HASH", "TITLE"],
            found.contracts.map(({ type, version, hash, schema }) => {
              return [type, version, hash.slice(0, SHORT_HASH), String(schema.title)];
            }),
          );
        }
        if (options.deployed) await noteDifference(session, options.folder, found);
      }),
    );
}

/** Prints how the folder differs from what is deployed. An operator may have no folder. */
async function noteDifference({ output }: CommandSession, folder: string, deployed: FolderContracts): Promise<void> {
  if (!existsSync(folder)) return;
  const { readFolder } = await import("@event-pipeline/operations/contracts/folder");
  const { differenceOf } = await import("@event-pipeline/operations/contracts/difference");
  try {
    const difference = differenceOf(readFolder(folder), deployed);
    if (!difference) return output.note(`The contracts in ${folder} are deployed.`);
    const { added, changed, deleted, isMappingChanged } = difference;
    const parts = [
      ...added.map((type) => `${type} is not deployed`),
      ...changed.map((type) => `${type} has another contract`),
      ...deleted.map((type) => `${type} is only deployed`),
      ...(isMappingChanged ? ["the mapping is another one"] : []),
    ];
    output.note(`The contracts in ${folder} differ from what is deployed: ${parts.join(", ")}.`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    output.note(`The deployed contracts are not compared with the folder. ${error.message}`);
  }
}
