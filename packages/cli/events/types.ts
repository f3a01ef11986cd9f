import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { action } from "../action";
import { ago } from "../ago";
import { Progress } from "../progress";

/** What is read without being asked for twice. */
const MAX_UNASKED_BYTES = 100 * 1_024 * 1_024;

export function addTypes(events: Command): void {
  events
    .command("types")
    .description("the types of the stored events, with counts; scans the table, and says what that reads")
    .option("--yes", "also where the table has more than 100 MiB")
    .action(
      action<{ readonly yes?: boolean }>(async ({ pipeline, output, signal }, { yes = false }) => {
        const { eventTypes, scanSize } = await import("@event-pipeline/operations/events/event-types");
        const { items, bytes, readUnits } = await scanSize(pipeline());
        const reads = `A scan reads the whole table: ${items} items and ${mebibytes(bytes)}, or ${readUnits} read request units, by DynamoDB's count of some hours ago.`;
        if (bytes > MAX_UNASKED_BYTES && !yes) throw new UsageError(`${reads} Give --yes to have it done.`);
        output.note(reads);
        let read = 0;
        const progress = new Progress(output, () => `${read} items read`);
        const onProgress = (count: number) => {
          read = count;
        };
        const types = await eventTypes(pipeline(), { signal, onProgress }).finally(() => progress.end());
        if (output.json) for (const type of types) await output.record(type);
        else {
          await output.table(
            ["EVENTS", "NEWEST", "TYPE"],
            types.map(({ type, count, newest }) => [String(count), `${ago(new Date(newest))} ago`, type]),
          );
        }
        return undefined;
      }),
    );
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_024 / 1_024).toFixed(1)} MiB`;
}
