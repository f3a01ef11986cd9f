import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import type { CreateAction } from "./action";
import { pointInTime, wholeNumber } from "./option-values";

const DEFAULT_SINCE_MS = 10 * 60_000;

export function addConsoleCommand(program: Command, action: CreateAction): void {
  program
    .command("console")
    .description("Serve a live page of the pipeline on 127.0.0.1")
    .option("--port <port>", "Port of the page (default: any free port)", wholeNumber(0, 65_535))
    .option("--since <time>", "Show events handled since this time: 10m, 2h, or ISO 8601 (default: 10m)", pointInTime)
    .addHelpText(
      "after",
      `
Open the printed URL. Its token gives access to the pipeline with your credentials.

The page shows the function's log and the queues' counts, and calls AWS only while it is open. It receives messages only when you peek at the dead-letter queue. Press Ctrl-C to stop.

A local run prints the URL of a page of its own, which shows each step immediately.`,
    )
    .action(
      action<{ readonly port?: number; readonly since?: Date }>(async ({ pipeline, output, signal }, options) => {
        const { startDeployedConsole } = await import("@event-pipeline/console/server/deployed-console");
        const { since = new Date(Date.now() - DEFAULT_SINCE_MS), port = 0 } = options;
        const served = { pipeline: pipeline(), since, port, signal };
        const { url, ended } = await startDeployedConsole(served).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== "EADDRINUSE") throw error;
          throw new UsageError(`Port ${port} is in use. Give another --port, or leave it out for any free port.`);
        });
        await output.print(
          () => ({ url }),
          () => url,
        );
        output.note("Open the URL in a browser on this machine. Press Ctrl-C to stop.");
        await ended;
      }),
    );
}
