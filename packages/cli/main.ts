import { printable } from "@event-pipeline/node-process/printable";
import { OperationError } from "@event-pipeline/operations/errors";
import { Command, CommanderError } from "commander";
import { addArchive } from "./archive/archive";
import { addConsole } from "./console";
import { addDlq } from "./dlq/dlq";
import { addDoctor } from "./doctor";
import { addEvents } from "./events/events";
import { EXIT_CODES } from "./exit-codes";
import { addGlobalOptions } from "./global-options";
import { addPublish } from "./publish";
import { addReconcile } from "./reconcile";
import { addStatus } from "./status";

// The SDK's advice to upgrade Node.js is not what an operator came for.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** The package's version, which the build puts in. */
declare const VERSION: string;

/** Options that had another name before. */
const RENAMED: Readonly<Record<string, string>> = {
  "--content": "--compare-data",
  "--missing": "--only-missing",
  "--refused": "--include-refused",
  "--unchecked": "--no-validate",
};

const program = new Command("event-pipeline")
  .description("Publishes, follows, finds and recovers the events of a pipeline, on AWS or in the local run.")
  .version(VERSION, "-V, --version", "the version of this command")
  .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
  .configureOutput({
    outputError: (text, write) =>
      write(lines(renamed(text) ?? text.replace(/^error: (.)/, (_, first) => first.toUpperCase()))),
  })
  .showSuggestionAfterError()
  .showHelpAfterError("See --help.")
  .exitOverride();
addGlobalOptions(program);
addPublish(program);
addEvents(program);
addStatus(program);
addDlq(program);
addArchive(program);
addReconcile(program);
addDoctor(program);
addConsole(program);
program.addHelpText(
  "after",
  `
Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 partly done, 4 credentials, 130 interrupted.`,
);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong; help that was asked for is no error.
    process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  } else if (error instanceof OperationError) {
    process.stderr.write(`${printable(error.message)}\n`);
    process.exitCode = EXIT_CODES[error.kind];
  } else {
    // A fault of this command: with its stack, and without what its text could do to a terminal.
    process.stderr.write(`${lines(error instanceof Error ? String(error.stack) : String(error))}\n`);
    process.exitCode = EXIT_CODES.failed;
  }
}

/** Text of several lines, each as `printable` makes it. */
function lines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** The message for an option that was renamed, in place of commander's; undefined for any other. */
function renamed(text: string): string | undefined {
  const [, option = ""] = /^error: unknown option '(--[a-z]+)/.exec(text) ?? [];
  return RENAMED[option] && `Unknown option ${option}: it is now ${RENAMED[option]}.\n`;
}
