import type { Command } from "commander";
import { action } from "../action";
import { addSpanOptions, type SpanOptions, saidSpan, spanOf } from "../span-options";

export function addList(archive: Command): void {
  const command = archive
    .command("list")
    .description("the objects that may hold events of a time: hours before and after it are among them")
    .action(
      action<SpanOptions>(async ({ pipeline, output, signal }, options) => {
        const { listArchive } = await import("@event-pipeline/operations/archive/read-from");
        let objects = 0;
        let bytes = 0;
        for await (const { key, bytes: size, lastModified } of listArchive(pipeline(), spanOf(options), signal)) {
          objects += 1;
          bytes += size;
          if (output.json) await output.record({ key, bytes: size, last_modified: lastModified?.toISOString() });
          else await output.line(`${lastModified?.toISOString() ?? ""}  ${String(size).padStart(10)}  ${key}`);
        }
        output.note(`${objects} objects, ${bytes} bytes, for events ${saidSpan(options)}.`);
        if (objects === 0) output.note("Firehose gathers for up to five minutes. See: event-pipeline status");
        return undefined;
      }),
    );
  addSpanOptions(command);
}
