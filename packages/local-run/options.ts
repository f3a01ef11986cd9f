import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import { canPersist } from "@event-pipeline/local-aws/fauxqs/node-sqlite";
import { servedText } from "@event-pipeline/local-aws/served/services";

export const HELP = `Runs the synthesized pipeline on this machine, without an AWS account.

  npm start -- [options]

  --once                     show the demonstration, check it, end: 0 when all
                             arrived, else 1
  --json                     one JSON object a line, the handlers' lines among
                             them (npm start --silent -- --json)
  --verbose                  all lines of the handlers in the text, not only
                             warnings and errors
  --port NUMBER              port on 127.0.0.1, 0 for any free one (4566)
  --no-page                  serve no page (with --once there is none)
  --page-port NUMBER         port of the page, 0 for any free one (ten above
                             --port, or any free one where that is taken)
  --name NAME                what every resource's name starts with (the
                             stage's option name, else local)
  --data-dir FOLDER          keep everything there, a kill -9 included (in
                             memory; Node.js 22.13 or newer)
  --retry-delay SECONDS      until a failed message is received again (1; AWS
                             waits for the visibility timeout)
  --archive-interval SECONDS that the archive gathers records (1; AWS waits for
                             the stream's buffering interval)
  --no-demo                  publish nothing at the start
  --stack-folder FOLDER      that holds cdk.tf.json
                             (what was synthesized last)
  --help

The actions that it answers; any other gets 501 (docs/local-run.md):

${servedText()}

Colours: on a terminal; NO_COLOR and FORCE_COLOR decide otherwise.
Exit codes: 0 done, or stopped with Ctrl-C (of which npm's shell may make 130),
1 an event did not arrive or --data-dir is full, 2 wrong usage.
`;

export interface Options {
  readonly help: boolean;
  readonly once: boolean;
  readonly demo: boolean;
  readonly json: boolean;
  /** Whether the text shows every line of the handlers. */
  readonly verbose: boolean;
  readonly port: number;
  /** Whether the live page is served. */
  readonly page: boolean;
  /** Undefined for the usual one. */
  readonly pagePort: number | undefined;
  readonly name: string | undefined;
  readonly dataDir: string | undefined;
  readonly retryDelaySeconds: number;
  readonly archiveIntervalSeconds: number;
  readonly stackFolder: string | undefined;
}

/** @throws LocalRunError that names the option, its value and what is allowed. */
export function parseOptions(args: readonly string[]): Options {
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
    dataDir: values["data-dir"] === undefined ? undefined : keptIn(values["data-dir"]),
    retryDelaySeconds: wholeNumber("--retry-delay", values["retry-delay"], 0, 43_200),
    archiveIntervalSeconds: wholeNumber("--archive-interval", values["archive-interval"], 0, 900),
    stackFolder: values["stack-folder"] === undefined ? undefined : resolve(values["stack-folder"]),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
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
        "stack-folder": { type: "string" },
      },
    }).values;
  } catch (cause) {
    throw new LocalRunError(`${(cause as Error).message.split(/\.\s/)[0]}. See: npm start -- --help`, { cause });
  }
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new LocalRunError(`${option} is "${text}". It takes a whole number from ${min} to ${max}.`);
}

function keptIn(folder: string): string {
  if (canPersist) return resolve(folder);
  throw new LocalRunError(
    `--data-dir needs Node.js 22.13 or newer, for node:sqlite; this is ${process.version}. Leave it out to keep data in memory.`,
  );
}
