import { type Command, Option } from "commander";
import { addLooking } from "./looking";
import { addPurge } from "./purge";
import { addRedrive } from "./redrive";

export function addDlq(program: Command): void {
  const dlq = program.command("dlq").description("look into the dead-letter queues, and take their messages back");
  for (const command of [...addLooking(dlq), addRedrive(dlq), addPurge(dlq)]) {
    command.addOption(
      new Option("--queue <queue>", "events, a subscriber's id, or undelivered: what SNS could not deliver").default(
        "events",
      ),
    );
  }
}
