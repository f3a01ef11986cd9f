import { claimDataDir } from "./data-dir";
import { Demonstration } from "./demonstration";
import { LocalRunError } from "./errors";
import { JsonReport, type Report, TextReport } from "./hops/report";
import { LocalPipeline } from "./local-pipeline";
import { HELP, type Options, parseOptions } from "./options";

const WRONG_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
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
  return run(options, options.json ? new JsonReport(write) : new TextReport(write));
}

async function run(options: Options, report: Report): Promise<number> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  const release = options.dataDir === undefined ? undefined : claimDataDir(options.dataDir);
  const demonstration = new Demonstration();
  const pipeline = await LocalPipeline.start({
    ...options,
    onHop: (hop) => {
      report.hop(hop);
      if (options.demo) demonstration.observe(hop);
    },
    onLog: (functionName, line) => report.log(functionName, line),
    onNote: (message) => report.note(message),
  });
  const { aws, outputs, notRun, shortened, pids } = pipeline;
  report.ready({
    endpoint: aws.endpoint,
    region: aws.region,
    outputs,
    notRun,
    shortened,
    pids,
    readyMs: Math.round(process.uptime() * 1_000),
  });

  let exitCode = 0;
  const shown = options.demo ? demonstration.run(pipeline) : Promise.resolve([]);
  const problems = await Promise.race([shown, stopped]);
  if (problems && options.demo) report.verdict(problems);
  if (problems && problems.length > 0) exitCode = 1;
  if (!options.once && problems) {
    report.note("\nServing until Ctrl-C.");
    await stopped;
    exitCode = 0;
  }
  await pipeline.stop();
  release?.();
  return exitCode;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof LocalRunError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = WRONG_USAGE;
}
