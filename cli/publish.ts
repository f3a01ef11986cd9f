import type { Command } from "commander";
import { action } from "./action";

export function addPublish(program: Command): void {
  program
    .command("samples")
    .description("the events that publish --sample has")
    .action(
      action(async ({ output }) => {
        const { SAMPLES } = await import("../operations/publish/samples");
        if (output.json) for (const sample of SAMPLES) await output.record(sample);
        else
          await output.table(
            ["SAMPLE", "IS"],
            SAMPLES.map(({ name, description }) => [name, description]),
          );
        return undefined;
      }),
    );
}
