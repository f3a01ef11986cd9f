import { once } from "node:events";
import { DiskError, LocalRunError } from "@event-pipeline/local-aws/errors";
import { forgetAwsSettings } from "@event-pipeline/node-process/aws-settings";
import { exitAfterShutdown, shutdownSignal } from "@event-pipeline/node-process/shutdown-signal";
import { watchStandardOutput } from "@event-pipeline/node-process/standard-output";
import { lastSynthesized } from "@event-pipeline/terraform-json/last-synthesized";
import { StackJsonError } from "@event-pipeline/terraform-json/stack-json";
import { claimDataFolder } from "./data-folder";
import { Demonstration } from "./demonstration";
import { JsonReport } from "./hops/json-report";
import type { Report } from "./hops/report";
import { standardOutput } from "./hops/terminal";
import { TextReport } from "./hops/text-report";
import { LivePage, OUTPUTS } from "./live-page";
import { LocalPipeline } from "./local-pipeline";
import { HELP, type Options, parseOptions } from "./options";

/** Milliseconds from the shutdown signal until the process exits, even if a part of it hangs. */
const SHUTDOWN_TIMEOUT_MS = 4_500;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const stdout = watchStandardOutput();
  stdout.closed.addEventListener("abort", () => {
    if (stdout.failure === undefined) return;
    process.stderr.write(`${stdout.failure}\n`);
    process.exitCode = 1;
  });
  const shutdown = AbortSignal.any([shutdownSignal(), stdout.closed]);
  const stopped = once(shutdown, "abort");
  exitAfterShutdown(shutdown, SHUTDOWN_TIMEOUT_MS, codeWhenStopped(options));
  const write = (text: string) => {
    // Under load some fifty hops come in one turn: one system call for them all.
    if (process.stdout.writableCorked === 0) {
      process.stdout.cork();
      setImmediate(() => process.stdout.uncork());
    }
    process.stdout.write(text);
  };
  if (options.help) {
    write(HELP);
    return 0;
  }
  const { verbose } = options;
  const report = options.json ? new JsonReport(write) : new TextReport({ terminal: standardOutput(write), verbose });
  return run(options, report, stopped);
}

async function run(options: Options, report: Report, stopped: Promise<unknown>): Promise<number> {
  const release = options.dataDir === undefined ? undefined : claimDataFolder(options.dataDir);
  try {
    const demonstration = new Demonstration();
    const page = options.page ? new LivePage() : undefined;
    const pipeline = await LocalPipeline.start({
      ...options,
      stackFolder: options.stackFolder ?? lastSynthesized(),
      onHop: (hop) => {
        report.hop(hop);
        page?.hop(hop);
        if (options.demo) demonstration.observe(hop);
      },
      onPublished: page && ((message) => page.published(message)),
      onLog: (functionName, line) => report.log(functionName, line),
      onNote: (message) => report.note(message),
      onDiskError: (error) => endForLackOfDisk(String(options.dataDir), error),
    });
    try {
      const pageUrl = await page?.start(pipeline, options.port, options.pagePort);
      report.ready({ ...factsOf(pipeline), page: pageUrl, readyMs: Math.round(process.uptime() * 1_000) });
      if (page && pageUrl === undefined) {
        report.note(`No page is served: it needs the stack's outputs ${OUTPUTS.join(", ")}.`);
      }
      const shown = options.demo ? demonstration.run(pipeline) : Promise.resolve([]);
      return await serve(options, report, shown, stopped);
    } finally {
      await page?.stop();
      await pipeline.stop();
    }
  } finally {
    release?.();
  }
}

/** @returns the exit code, once the demonstration has ended with `--once`, or the run was told to stop. */
async function serve(
  options: Options,
  report: Report,
  shown: Promise<readonly string[]>,
  stopped: Promise<unknown>,
): Promise<number> {
  const { demo, once, dataDir } = options;
  const problems = await Promise.race([shown, stopped.then(() => undefined)]);
  if (problems && demo) report.verdict(problems);
  if (problems && once) return problems.length > 0 ? 1 : 0;
  if (problems) report.note("\nServing until Ctrl-C.");
  await stopped;
  report.note(
    dataDir === undefined
      ? "\nStopping; with it goes what is in memory. --data-dir FOLDER keeps it."
      : `\nStopping; ${dataDir} keeps everything.`,
  );
  return codeWhenStopped(options);
}

/** With `--once` a demonstration that was cut short, which has not shown that all arrives. */
function codeWhenStopped({ once }: Options): number {
  return once ? 1 : 0;
}

function factsOf({ aws, outputs, notRun, shortened, pids }: LocalPipeline) {
  return { endpoint: aws.endpoint, region: aws.region, outputs, notRun, shortened, pids };
}

/** At once: nothing may be acknowledged that is not on disk. */
function endForLackOfDisk(folder: string, cause: unknown): never {
  const { message, exitCode } = new DiskError(folder, cause);
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

try {
  forgetAwsSettings();
  const code = await main(process.argv.slice(2));
  process.exitCode ||= code;
} catch (error) {
  if (!(error instanceof LocalRunError || error instanceof StackJsonError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof LocalRunError ? error.exitCode : 2;
}
