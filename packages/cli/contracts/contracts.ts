import type { Command } from "commander";
import type { CreateAction } from "../action";
import { addCheckCommand } from "./check";
import { addDocumentCommands } from "./documents";
import { addListCommand } from "./list";
import { addShowCommand } from "./show";

export function addContractsCommand(program: Command, action: CreateAction): void {
  const contracts = program.command("contracts").description("List, check and document contracts of event types");
  addListCommand(contracts, action);
  addShowCommand(contracts, action);
  addCheckCommand(contracts, action);
  addDocumentCommands(contracts, action);
}
