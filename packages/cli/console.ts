import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { action } from "./action";
import { type GlobalOptions, pipelineProps } from "./global-options";
import { pointInTime, wholeNumber } from "./option-values";

interface ConsoleOptions extends GlobalOptions {
  readonly port?: number;
  readonly since?: Date;
}

/** Milliseconds before now from which on events are shown that came to an end. */
const DEFAULT_SINCE_MS = 10 * 60_000;

export function addConsole(program: Command): void {
  program
    .command("console")
    .description("serve the live page over the pipeline, on 127.0.0.1")
    .option("--port <port>", "port of the page; any free one by default", wholeNumber(0, 65_535))
    .option("--since <time>", "show events that came to an end since then; 10m by default", pointInTime)
    .addHelpText(
      "after",
      `
Open the URL that it prints: its token lets this start's page read and act with your credentials.
It shows what the function's log and the queues' counts tell, takes nothing from any queue unless
you look into the dead-letter queue, and asks AWS nothing while no page is open. Ctrl-C ends it.
The local run's own page, which npm start prints, has each hop as it happens.`,
    )
    .action(
      action<ConsoleOptions>(async ({ pipeline, output, signal }, options) => {
        const { startDeployedConsole } = await import("@event-pipeline/console/server/deployed-console");
        const { since = new Date(Date.now() - DEFAULT_SINCE_MS), port = 0 } = options;
        const address = pipelineProps(options, process.env);
        const { url, ended } = await startDeployedConsole({ pipeline: pipeline(), address, since, port, signal }).catch(
          (error: NodeJS.ErrnoException) => {
            if (error.code !== "EADDRINUSE") throw error;
            throw new UsageError(`--port is ${port}, which is taken. Choose another, or leave it out.`);
          },
        );
        if (output.json) await output.record({ url });
        else await output.line(url);
        output.note("Open it in a browser of this machine. Ctrl-C ends it.");
        await ended;
        return undefined;
      }),
    );
}
