import { printable } from "@event-pipeline/node-process/printable";
import { OperationError } from "@event-pipeline/operations/errors";
import { Command, CommanderError, Help } from "commander";
import { actionCreator, EXIT_CODES, type ExitCode } from "./action";
import { addGetCommand } from "./archive/get";
import { addListCommand as addArchiveList } from "./archive/list";
import { addReplayCommand } from "./archive/replay";
import { addConsoleCommand } from "./console";
import { addCheckCommand } from "./contracts/check";
import { addDocumentCommands } from "./contracts/documents";
import { addListCommand as addContractsList } from "./contracts/list";
import { addShowCommand as addContractsShow } from "./contracts/show";
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
import { commandsIn, malformedArgument, pathOf, refuseEmptyValues, usageErrorText } from "./usage-errors";

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
  const malformed = malformedArgument(args);
  if (malformed !== undefined) {
    io.stderr.write(`${printable(malformed)}\n`);
    return EXIT_CODES.usage;
  }
  let exitCode: ExitCode = EXIT_CODES.ok;
  const helpWidth = io.stdout.columns || 80;
  const program = new Command("event-pipeline")
    .description("Publish, find and recover a pipeline's events. Details: docs/operations.md")
    .version(version, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Print help")
    .helpCommand("help [command]", "Print help for a command")
    // Without the command `help`, whose line would not fit on the first page.
    .configureHelp({ sortSubcommands: false, visibleCommands: ({ commands }) => [...commands] })
    .configureOutput({
      writeOut: (text) => io.stdout.write(wrapped(text, helpWidth)),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => helpWidth,
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
  const contracts = program.command("contracts").description("List, check and document contracts of event types");
  for (const add of [addContractsList, addContractsShow, addCheckCommand, addDocumentCommands]) add(contracts, action);
  addReconcileCommand(program, action);
  addDoctorCommand(program, action);
  addConsoleCommand(program, action);
  let running = program;
  program.hook("preAction", (_, command) => {
    running = command;
  });
  for (const command of commandsIn(program)) {
    refuseEmptyValues(command);
    command.showHelpAfterError(helpHint(command, invocation));
    command.configureOutput({
      outputError: (text, write) => write(printableLines(usageErrorText(command, text, { invocation, args }))),
    });
    if (command !== program) {
      command.addHelpText("after", `\nOptions for every command, such as --local and --name: ${invocation} --help`);
    }
  }
  program.addHelpText("after", "\nExit codes: 0 ok, 1 failure, 2 usage, 3 partial, 4 credentials, 130 interrupted.");
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

function helpHint(command: Command, invocation: string): string {
  return `For help: ${[invocation, ...pathOf(command)].join(" ")} --help`;
}

/** Wraps a help page's paragraphs, which commander does not wrap. Indented lines are options, or commands to copy. */
function wrapped(text: string, width: number): string {
  const help = new Help();
  return text
    .split("\n")
    .map((line) => (line.startsWith(" ") ? line : help.boxWrap(line, width)))
    .join("\n");
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
