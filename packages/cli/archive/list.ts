import type { Command } from "commander";
import type { CreateAction } from "../action";
import { addTimeRangeOptions, type TimeRangeOptions, timeRangeOf, timeRangeText } from "../option-values";

export function addListCommand(archive: Command, action: CreateAction): void {
  const command = archive
    .command("list")
    .description("List the objects that may contain events of a timeRange, including objects from neighboring hours")
    .action(
      action<TimeRangeOptions>(async ({ pipeline, output, signal }, options) => {
        const { archivedObjects, openArchive } = await import("@event-pipeline/operations/archive/archived-objects");
        const objects = archivedObjects(await openArchive(pipeline()), timeRangeOf(options), { signal });
        let count = 0;
        let totalBytes = 0;
        for await (const { key, bytes, lastModified } of objects) {
          count += 1;
          totalBytes += bytes;
          await output.print(
            () => ({ key, bytes, last_modified: lastModified }),
            () => `${lastModified?.toISOString() ?? ""}  ${String(bytes).padStart(10)}  ${key}`,
          );
        }
        output.note(`${count} objects, ${totalBytes} bytes, for events ${timeRangeText(options)}.`);
        if (count === 0) {
          output.note("Firehose buffers for up to five minutes. To see the newest object: event-pipeline status");
        }
      }),
    );
  addTimeRangeOptions(command, "published");
}
