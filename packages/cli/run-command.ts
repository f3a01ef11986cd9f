import { printable } from "@event-pipeline/node-process/printable";
import { OperationError } from "@event-pipeline/operations/errors";
import { Command, CommanderError } from "commander";
import { actionCreator, EXIT_CODES, type ExitCode } from "./action";
import { addGetCommand } from "./archive/get";
import { addListCommand as addArchiveList } from "./archive/list";
import { addReplayCommand } from "./archive/replay";
import { addConsoleCommand } from "./console";
import { addDlqCommand } from "./dlq/dlq";
import { addDoctorCommand } from "./doctor";
import { addListCommand } from "./events/list";
import { addShowCommand } from "./events/show";
import { addTailCommand } from "./events/tail";
import { addTypesCommand } from "./events/types";
import { addGlobalOptions } from "./global-options";
import type { CommandIo } from "./output";
import { addPublishCommand } from "./publish";
import { addReconcileCommand } from "./reconcile";
import { addStatusCommand } from "./status";

/** The new names of renamed options, by their old names. */
const RENAMED: Readonly<Record<string, string>> = {
  "--content": "--compare-data",
  "--missing": "--only-missing",
  "--refused": "--include-refused",
  "--unchecked": "--no-validate",
};

/**
 * Runs the `event-pipeline` command.
 *
 * @param args - The arguments after the command's name.
 * @param installed - The package's version, and what the user types before the arguments.
 * @returns the exit code.
 * @example
 * process.exitCode = await runCommand(["status", "--local"], io, { version: "1.0.0", invocation: NPX_COMMAND });
 */
export async function runCommand(
  args: readonly string[],
  io: CommandIo,
  { version, invocation }: { readonly version: string; readonly invocation: string },
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_CODES.ok;
  const program = new Command("event-pipeline")
    .description("Publish, follow, find and recover a pipeline's events, on AWS or in the local run.")
    .version(version, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Print help")
    .helpCommand("help [command]", "Print help for a command")
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(printableLines(errorText(text))),
      getOutHelpWidth: () => io.stdout.columns || 80,
      getErrHelpWidth: () => io.stderr.columns || 80,
    })
    .showSuggestionAfterError()
    .exitOverride();
  const action = actionCreator(io, args, invocation, (code) => {
    exitCode = code;
  });
  addGlobalOptions(program);
  addPublishCommand(program, action, invocation);
  const events = program.command("events").description("Follow, list and find events");
  for (const add of [addListCommand, addTypesCommand, addTailCommand, addShowCommand]) add(events, action);
  addStatusCommand(program, action);
  addDlqCommand(program, action);
  const archive = program.command("archive").description("Read and replay the archived events in S3");
  for (const add of [addArchiveList, addGetCommand, addReplayCommand]) add(archive, action);
  addReconcileCommand(program, action);
  addDoctorCommand(program, action);
  addConsoleCommand(program, action);
  let running = program;
  program.hook("preAction", (_, command) => {
    running = command;
  });
  for (const command of commandsIn(program)) {
    command.showHelpAfterError(helpHint(command, invocation));
    if (command !== program) {
      command.addHelpText("after", `\nOptions for every command, such as --local and --name: ${invocation} --help`);
    }
  }
  program.addHelpText(
    "after",
    "\nExit codes: 0 success, 1 failure, 2 usage error, 3 partial success, 4 credentials error, 130 interrupted.",
  );
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    if (error instanceof OperationError) {
      io.stderr.write(`${printable(error.message)}\n`);
      if (error.kind === "usage") io.stderr.write(`${helpHint(running, invocation)}\n`);
      return EXIT_CODES[error.kind];
    }
    // An unexpected error is printed with its stack trace. Control characters are escaped.
    io.stderr.write(`${printableLines(error instanceof Error ? String(error.stack) : String(error))}\n`);
    return EXIT_CODES.failed;
  }
}

/** Returns a command and the commands below it. */
function commandsIn(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsIn)];
}

function helpHint(command: Command, invocation: string): string {
  const names: string[] = [];
  for (let each = command; each.parent; each = each.parent) names.unshift(each.name());
  return `For help: ${[invocation, ...names].join(" ")} --help`;
}

/** Rewrites an error from commander to this project's style. */
function errorText(text: string): string {
  const [, option = ""] = /^error: unknown option '(--[a-z]+)/.exec(text) ?? [];
  const renamed = RENAMED[option];
  if (renamed !== undefined) return `Unknown option ${option}: its new name is ${renamed}.\n`;
  return text.replace(/^error: (.)/, (_, first) => first.toUpperCase());
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
