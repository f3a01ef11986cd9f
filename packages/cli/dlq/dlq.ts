import { type Command, Option } from "commander";
import type { CreateAction } from "../action";
import { pointInTime } from "../option-values";
import { addPeekCommands } from "./peek";
import { addPurgeCommand } from "./purge";
import { addRedriveCommand } from "./redrive";

export function addDlqCommand(program: Command, action: CreateAction): void {
  const dlq = program.command("dlq").description("List, show, export, redrive and purge dead letters");
  const { list, show, exportCommand } = addPeekCommands(dlq, action);
  const redrive = addRedriveCommand(dlq, action);
  for (const command of [list, exportCommand, redrive]) {
    command
      .option("--code <code>", "Only messages with this refusal code; none selects messages without a code")
      .option("--type <type>", "Only events of this type")
      .option("--id <id>", "Only the event with this ID, or the message with this MessageId")
      .option("--since <time>", "Only messages sent since this time: 10m, 2h, or ISO 8601 (default: all)", pointInTime);
  }
  for (const command of [list, show, exportCommand, redrive, addPurgeCommand(dlq, action)]) {
    const description = "Dead-letter queue: events, undelivered, or a subscriber's ID";
    command.addOption(new Option("--queue <queue>", description).default("events"));
  }
}
