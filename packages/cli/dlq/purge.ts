import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { type CreateAction, EXIT_CODES } from "../action";
import { confirm } from "../confirmation";
import { countOf } from "../output";

interface PurgeOptions {
  readonly queue?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export function addPurgeCommand(dlq: Command, action: CreateAction): Command {
  return dlq
    .command("purge")
    .description("Permanently delete every message in a dead-letter queue")
    .argument("[name]", "Full name of the queue; --yes requires it")
    .option("--yes", "Skip the confirmation; requires the queue's full name")
    .option("--dry-run", "Count the messages; delete nothing")
    .action(
      action<PurgeOptions>(async ({ io, pipeline, output }, { queue, yes, dryRun }, name) => {
        const { preparePurge } = await import("@event-pipeline/operations/dlq/purge");
        const { queueName, messages, purge } = await preparePurge(pipeline(), queue);
        if (name !== undefined && name !== queueName) {
          throw new UsageError(
            `Wrong name ${JSON.stringify(name)}: expected ${queueName}. Nothing was deleted. To purge another queue, give --queue.`,
          );
        }
        if (yes && name === undefined) {
          throw new UsageError(`--yes requires the queue's full name: event-pipeline dlq purge ${queueName} --yes`);
        }
        const about = `about ${countOf(messages, "message")}`;
        if (dryRun) {
          output.note(`${queueName} has ${about}. Nothing was deleted.`);
          return EXIT_CODES.ok;
        }
        const question = `Permanently delete ${about} from ${queueName}? The archive keeps their events.`;
        if (!yes && !(await confirm(io, question, queueName))) {
          output.note("Nothing was deleted.");
          return EXIT_CODES.failed;
        }
        await purge();
        output.note(`SQS deletes ${about} from ${queueName} within 60 seconds.`);
        return EXIT_CODES.ok;
      }),
    );
}
