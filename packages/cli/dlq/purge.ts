import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { action } from "../action";
import { typed } from "../confirm";
import { EXIT_CODES } from "../exit-codes";

interface PurgeOptions {
  readonly queue?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export function addPurge(dlq: Command): Command {
  return dlq
    .command("purge")
    .description("delete every message of a dead-letter queue, for good")
    .argument("[name]", "the queue's whole name, which --yes needs")
    .option("--yes", "do not ask; the name has to be given")
    .option("--dry-run", "only say how many there are")
    .action(
      action<PurgeOptions>(async ({ pipeline, output }, { queue, yes, dryRun }, name) => {
        const { purge } = await import("@event-pipeline/operations/dlq/purge");
        const purging = await purge(pipeline(), queue);
        const { queueName, messages } = purging;
        if (name !== undefined && name !== queueName) {
          throw new UsageError(
            `The name given is ${JSON.stringify(name)}, and the queue is ${queueName}. Nothing was deleted.`,
          );
        }
        if (yes && name === undefined)
          throw new UsageError(`With --yes give the queue's name too: dlq purge ${queueName} --yes`);
        if (dryRun) {
          output.note(`${queueName} has about ${messages} messages. Nothing was deleted.`);
          return EXIT_CODES.ok;
        }
        const question = `About ${messages} messages of ${queueName} will be deleted for good. The archive keeps their events.`;
        if (!yes && !(await typed(question, queueName))) {
          output.note("Nothing was deleted.");
          return EXIT_CODES.failed;
        }
        await purging.purge();
        output.note(`About ${messages} messages of ${queueName} are deleted, within a minute.`);
        return EXIT_CODES.ok;
      }),
    );
}
