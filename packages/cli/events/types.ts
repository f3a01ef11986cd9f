import { formatAge } from "@event-pipeline/node-process/format-age";
import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { type CreateAction, exitCodeOf } from "../action";
import { countOf } from "../output";

/** The size of the largest table that is scanned without --yes. */
const MAX_UNCONFIRMED_BYTES = 100 * 1_024 * 1_024;

export function addTypesCommand(events: Command, action: CreateAction): void {
  events
    .command("types")
    .description("List the types of stored events and their counts, with a scan of the table")
    .option("--yes", "Scan the table even if it is larger than 100 MiB")
    .action(
      action<{ readonly yes?: boolean }>(async ({ pipeline, output, signal, commandLine }, { yes = false }) => {
        const { eventTypes, scanSize } = await import("@event-pipeline/operations/events/event-types");
        const { items, bytes, readUnits } = await scanSize(pipeline(), signal);
        const mebibytes = (bytes / 1_024 / 1_024).toFixed(1);
        const size = `A scan reads the whole table: ${items} items, ${mebibytes} MiB, ${readUnits} read request units. These figures from DynamoDB may be up to six hours old.`;
        if (bytes > MAX_UNCONFIRMED_BYTES && !yes) throw new UsageError(`${size} To scan the table, give --yes.`);
        output.note(size);
        const {
          types,
          items: read,
          complete,
          stoppedBy,
        } = await output.progress(
          (count = 0) => `${count} items read`,
          (onProgress: (items: number) => void) => eventTypes(pipeline(), { signal, onProgress }),
        );
        // An error before the first item is the result.
        if (stoppedBy && read === 0) throw stoppedBy;
        if (output.json) for (const type of types) await output.record(type);
        else {
          await output.table(
            ["EVENTS", "NEWEST", "TYPE"],
            types.map(({ type, count, newest }) => {
              return [String(count), newest === undefined ? "not known" : `${formatAge(new Date(newest))} ago`, type];
            }),
          );
        }
        if (!complete) {
          output.note(
            `The scan ended after ${countOf(read, "item")}. The types and counts of the others are not known.`,
          );
        }
        if (stoppedBy) output.note(`${stoppedBy.message} To count all: ${commandLine()}`);
        return exitCodeOf(complete, stoppedBy);
      }),
    );
}
