import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import { SUPPORTED_ACTIONS_TEXT } from "@event-pipeline/local-aws/services";
import { canPersist } from "@event-pipeline/local-aws/storage/node-sqlite";
import { shellWord } from "@event-pipeline/operations/shell-word";

export const HELP = `Usage: npm start -- [options]

Run the synthesized pipeline on this machine, without an AWS account.

Options:
  --once                 Run the demonstration and exit: with 0 if every event
                         arrived, otherwise with 1
  --json                 Print JSON objects, one per line, including the
                         handlers' log lines (npm start --silent -- --json)
  --verbose              Print all log lines of the handlers (default: warnings,
                         errors and plain text)
  --port <port>          Port on 127.0.0.1; 0 for any free port (default: 4566)
  --page-port <port>     Port of the live page; 0 for any free port (default:
                         --port plus 10, or any free port if it is in use)
  --no-page              Do not serve the live page (default with --once)
  --name <name>          Prefix of every resource's name (default: the stage's
                         name option, or local)
  --data-dir <folder>    Store all data in this folder; it survives kill -9
                         (default: in memory; needs Node.js 22.13 or newer)
  --retry-delay <seconds>
                         Delay before a failed message is retried (default: 1;
                         on AWS: the visibility timeout)
  --archive-interval <seconds>
                         Time that records wait for the archive (default: 1;
                         on AWS: the stream's buffering interval)
  --clock-speed <factor> Speed of the clock for everything that waits: visibility
                         timeouts, delays, retention, buffering (default: 1)
  --delivery <mode>      ordered, or shuffled: out of order, and some messages
                         twice, as SQS may deliver them (default: ordered)
  --seed <number>        Seed of --delivery shuffled (default: 1)
  --no-demo              Do not publish the demonstration's events
  --stack-folder <folder>
                         Folder that contains cdk.tf.json (default: the most
                         recently synthesized stack)
  --help                 Print this help

Supported AWS actions; all others return 501 (docs/local-run.md):

${SUPPORTED_ACTIONS_TEXT}

Terminal output is colored; NO_COLOR and FORCE_COLOR override this.
Exit codes: 0 success, or stopped with Ctrl-C (npm's shell may report 130);
1 an event did not arrive, or --data-dir is full; 2 invalid usage.
`;

/** Maximum speed of the clock, at which a day passes in eight seconds. */
const MAX_CLOCK_SPEED = 10_000;

/** The options of `npm start`, as `parseArgs` declares them. */
export const OPTIONS = {
  help: { type: "boolean", default: false },
  once: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  verbose: { type: "boolean", default: false },
  "no-demo": { type: "boolean", default: false },
  port: { type: "string", default: "4566" },
  "no-page": { type: "boolean", default: false },
  "page-port": { type: "string" },
  name: { type: "string" },
  "data-dir": { type: "string" },
  "retry-delay": { type: "string", default: "1" },
  "archive-interval": { type: "string", default: "1" },
  "clock-speed": { type: "string", default: "1" },
  delivery: { type: "string", default: "ordered" },
  seed: { type: "string", default: "1" },
  "stack-folder": { type: "string" },
} as const;

/**
 * Parses the options of `npm start`.
 *
 * @throws LocalRunError that names the option, its value and the allowed values.
 * @example
 * parseOptions(["--port", "0", "--once"]); // { port: 0, once: true, page: false, … }
 */
export function parseOptions(args: readonly string[]) {
  const values = parse(args);
  return {
    help: values.help,
    once: values.once,
    demo: values.once || !values["no-demo"],
    json: values.json,
    verbose: values.verbose,
    port: wholeNumber("--port", values.port, 0, 65_535),
    page: !values["no-page"] && !values.once,
    pagePort:
      values["page-port"] === undefined ? undefined : wholeNumber("--page-port", values["page-port"], 0, 65_535),
    name: values.name,
    dataDir: values["data-dir"] === undefined ? undefined : dataFolder(values["data-dir"]),
    retryDelaySeconds: wholeNumber("--retry-delay", values["retry-delay"], 0, 43_200),
    archiveIntervalSeconds: wholeNumber("--archive-interval", values["archive-interval"], 0, 900),
    clockSpeed: wholeNumber("--clock-speed", values["clock-speed"], 1, MAX_CLOCK_SPEED),
    delivery: { shuffled: isShuffled(values.delivery), seed: wholeNumber("--seed", values.seed, 0, 2 ** 31 - 1) },
    stackFolder: values["stack-folder"] === undefined ? undefined : resolve(values["stack-folder"]),
  };
}

export type LocalRunOptions = Readonly<ReturnType<typeof parseOptions>>;

/**
 * Returns the command that starts a run with the same arguments, stage and stage options.
 *
 * @example
 * startCommand(["--port", "4567"], { EVENT_PIPELINE_STAGE: "prod" }); // EVENT_PIPELINE_STAGE=prod npm start -- --port 4567
 */
export function startCommand(args: readonly string[], environment: NodeJS.ProcessEnv): string {
  const variables = Object.entries(environment)
    .filter(([name]) => /^EVENT_PIPELINE_|^CDKTF_OUTDIR$/.test(name))
    .map(([name, value = ""]) => `${name}=${shellWord(value)}`);
  return [...variables, "npm start", ...(args.length > 0 ? ["--"] : []), ...args.map(shellWord)].join(" ");
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (cause) {
    const [reason] = (cause as Error).message.split(/\.\s/);
    // npm keeps options before -- for itself, and passes only their values.
    if ((cause as NodeJS.ErrnoException).code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") {
      throw new LocalRunError(`${reason}. Give options after --, such as: npm start -- --port 4567`, { cause });
    }
    throw new LocalRunError(`${reason}. Run npm start -- --help for the options.`, { cause });
  }
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  const range = `${min} to ${max.toLocaleString("en-US")}`;
  throw new LocalRunError(`Invalid ${option} "${text}": expected a whole number from ${range}.`);
}

function isShuffled(mode: string): boolean {
  if (["ordered", "shuffled"].includes(mode)) return mode === "shuffled";
  throw new LocalRunError(`Invalid --delivery "${mode}": expected ordered or shuffled.`);
}

function dataFolder(folder: string): string {
  if (canPersist) return resolve(folder);
  throw new LocalRunError(
    `--data-dir needs Node.js 22.13 or newer (node:sqlite), and this is ${process.version}. Omit it to keep data in memory.`,
  );
}
