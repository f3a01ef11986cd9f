import { writeFile } from "node:fs/promises";
import type { FolderContracts } from "@event-pipeline/operations/contracts/folder";
import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import type { CreateAction } from "../action";
import { countOf } from "../output";
import { addSourceOptions, readContracts, type SourceOptions } from "./source";

interface DocumentOptions extends SourceOptions {
  readonly out?: string;
}

/** Adds the commands that make a file of contracts. */
export function addDocumentCommands(contracts: Command, action: CreateAction): void {
  const add = (
    name: string,
    description: string,
    make: () => Promise<(contracts: FolderContracts) => string>,
    isJson = false,
  ): void => {
    const command = contracts.command(name).description(description);
    addSourceOptions(command)
      .option("--out <file>", "File to create or replace (default: standard output)")
      .action(
        action<DocumentOptions>(async (session, options) => {
          const { output } = session;
          const found = await readContracts(session, options);
          const text = (await make())(found);
          if (options.out !== undefined) {
            await write(options.out, text);
            output.note(`Wrote ${countOf(found.contracts.length, "contract")} to ${options.out}.`);
          } else if (output.json) {
            await output.recordJson(isJson ? text : JSON.stringify({ text }));
          } else {
            for (const line of text.trimEnd().split("\n")) await (isJson ? output.recordJson(line) : output.line(line));
          }
        }),
      );
  };
  add("types", "Make TypeScript types of the events", async () => {
    return (await import("@event-pipeline/operations/contracts/types")).typesModule;
  });
  add("docs", "Make a page in Markdown of the contracts", async () => {
    return (await import("@event-pipeline/operations/contracts/markdown")).contractsPage;
  });
  add(
    "asyncapi",
    "Make an AsyncAPI 3.0 document of the topic and its events",
    async () => {
      const { asyncapiDocument } = await import("@event-pipeline/operations/contracts/asyncapi");
      return (found) => `${JSON.stringify(asyncapiDocument(found), undefined, 2)}\n`;
    },
    true,
  );
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new UsageError(`Cannot write the file ${JSON.stringify(file)}: ${(cause as Error).message}.`, { cause });
  }
}
