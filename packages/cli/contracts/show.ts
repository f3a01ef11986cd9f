import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import type { CreateAction } from "../action";
import { addSourceOptions, readContracts, type SourceOptions } from "./source";

export function addShowCommand(contracts: Command, action: CreateAction): void {
  const show = contracts
    .command("show")
    .description("Print the contract of an event type, as JSON Schema")
    .argument("<type>", "Event type");
  addSourceOptions(show).action(
    action<SourceOptions>(async (session, options, type = "") => {
      const { output } = session;
      const found = await readContracts(session, options);
      const contract = found.contracts.find((each) => each.type === type);
      if (!contract) {
        const types = found.contracts.map((each) => each.type);
        const known = types.length === 0 ? "there are no contracts" : `the types are ${types.join(", ")}`;
        throw new UsageError(`No contract for the type ${JSON.stringify(type)}: ${known}.`);
      }
      const json = JSON.stringify(contract.schema, undefined, output.json ? undefined : 2);
      for (const line of json.split("\n")) await output.recordJson(line);
    }),
  );
}
