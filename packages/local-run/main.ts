import { once } from "node:events";
import type { ConsoleServer } from "@event-pipeline/console/server/console-server";
import { EventLog } from "@event-pipeline/console/server/event-log";
import { DiskError, LocalRunError } from "@event-pipeline/local-aws/errors";
import { forgetAwsSettings } from "@event-pipeline/node-process/aws-settings";
import { type LoopbackServer, listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { exitAfterShutdown, shutdownSignal } from "@event-pipeline/node-process/shutdown-signal";
import { watchStandardOutput } from "@event-pipeline/node-process/standard-output";
import { lastSynthesized, SynthesizedStackError } from "@event-pipeline/terraform-json/synthesized-stack";
import { Demonstration } from "./demonstration";
import { JsonReport } from "./hops/json-report";
import type { ReadyFacts, Report } from "./hops/report";
import { standardOutput, TextReport } from "./hops/text-report";
import { serveLivePage } from "./live-page";
import { LocalPipeline, readStack } from "./local-pipeline";
import { HELP, type LocalRunOptions, parseOptions, startCommand } from "./options";
import { processorNames } from "./outputs";

/** Stack outputs that the live page needs. */
const PAGE_OUTPUTS = ["topic_arn", "queue_url", "dlq_url", "function_name"];

/** Milliseconds after the shutdown signal at which the process exits, even if something hangs. */
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
  if (options.help) {
    write(HELP);
    return 0;
  }
  const report = options.json ? new JsonReport(write) : new TextReport(standardOutput(write), options.verbose);
  let server: LoopbackServer | undefined;
  try {
    server = await listenOnLoopback(options.port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
      throw new LocalRunError(
        `Port ${options.port} is in use. Stop the program that uses it, or choose another port, such as: npm start -- --port 4567`,
      );
    });
    return await run(server, options, report, stopped);
  } finally {
    await server?.stop();
  }
}

/** Writes to stdout. Under load, one turn of the event loop writes about fifty hops, in one system call. */
function write(text: string): void {
  if (process.stdout.writableCorked === 0) {
    process.stdout.cork();
    setImmediate(() => process.stdout.uncork());
  }
  process.stdout.write(text);
}

async function run(
  server: LoopbackServer,
  options: LocalRunOptions,
  report: Report,
  stopped: Promise<unknown>,
): Promise<number> {
  const demonstration = options.demo ? new Demonstration() : undefined;
  const stack = readStack(options.stackFolder ?? lastSynthesized(), options.name, server.endpoint);
  const stackOutputs = stack.outputs();
  const hasPage = options.page && PAGE_OUTPUTS.every((name) => stackOutputs[name] !== undefined);
  const log = hasPage ? new EventLog(processorNames(stackOutputs)) : undefined;
  const pipeline = await LocalPipeline.start({
    ...options,
    server,
    stack,
    command: startCommand(process.argv.slice(2), process.env),
    onHop: (hop) => {
      report.hop(hop);
      log?.hop(hop);
      demonstration?.observe(hop);
    },
    onPublished: (message) => log?.published(message, message.at),
    onLog: (functionName, line) => report.log(functionName, line),
    onNote: (message) => report.note(message),
    // Exits immediately, because data that is not on disk must not be acknowledged.
    onDiskError: (cause) => {
      const { message, exitCode } = new DiskError(String(options.dataDir), cause);
      process.stderr.write(`${message}\n`);
      process.exit(exitCode);
    },
  });
  let page: ConsoleServer | undefined;
  try {
    const { outputs, notRun, shortened, pids } = pipeline;
    const { endpoint, region } = pipeline.aws;
    page = log && (await serveLivePage({ ...options, pipeline, log }));
    const readyMs = Math.round(process.uptime() * 1_000);
    const facts = { endpoint, region, outputs, notRun, shortened, pids, page: page?.url, readyMs };
    report.ready(facts);
    if (options.page && !log) report.note(`No live page: it needs the stack's outputs ${PAGE_OUTPUTS.join(", ")}.`);
    return await keepRunning(options, report, facts, demonstration?.run(pipeline), stopped);
  } finally {
    await page?.stop();
    await pipeline.stop();
  }
}

/** @returns the exit code, once the run is stopped or, with `--once`, the demonstration has ended. */
async function keepRunning(
  options: LocalRunOptions,
  report: Report,
  facts: ReadyFacts,
  demonstrated: Promise<readonly string[]> | undefined,
  stopped: Promise<unknown>,
): Promise<number> {
  const problems = await Promise.race([demonstrated ?? [], stopped.then(() => undefined)]);
  if (demonstrated && problems) report.verdict(problems);
  if (problems && options.once) return problems.length > 0 ? 1 : 0;
  if (problems) report.waiting(facts);
  await stopped;
  report.note(
    options.dataDir === undefined
      ? "\nStopping. All data was in memory and is lost. To keep the next run's data: npm start -- --data-dir FOLDER"
      : `\nStopping. All data is in ${options.dataDir}.`,
  );
  return codeWhenStopped(options);
}

/** Returns 1 for `--once`, because an interrupted demonstration has not checked all events; otherwise 0. */
function codeWhenStopped({ once: isOnce }: LocalRunOptions): number {
  return isOnce ? 1 : 0;
}

try {
  forgetAwsSettings();
  const code = await main(process.argv.slice(2));
  process.exitCode ||= code;
} catch (error) {
  if (!(error instanceof LocalRunError || error instanceof SynthesizedStackError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof LocalRunError ? error.exitCode : 2;
}
