import { excerpt } from "@event-pipeline/event-model/excerpt";
import { REFUSAL_CODES } from "@event-pipeline/event-model/refusal";
import { printable } from "@event-pipeline/node-process/printable";
import { shellWord } from "@event-pipeline/operations/shell-word";
import { type Command, InvalidArgumentError } from "commander";

/** The new names of renamed options, by their old names. */
const RENAMED: Readonly<Record<string, string>> = {
  "--content": "--compare-data",
  "--missing": "--only-missing",
  "--refused": "--include-refused",
  "--unchecked": "--no-validate",
};

/** The option that an argument too many is probably meant for, by command. */
const OPTION_OF_ARGUMENT: Readonly<Record<string, string>> = {
  publish: "--data",
  status: "--name",
  "events list": "--type",
  "events tail": "--type",
  "dlq list": "--id",
  "dlq export": "--id",
  "dlq redrive": "--id",
  "archive list": "--since",
  "archive get": "--id",
  "archive replay": "--type",
  "contracts check": "--against",
  "contracts list": "--folder",
  "contracts types": "--out",
  "contracts docs": "--out",
  "contracts asyncapi": "--out",
  reconcile: "--since",
  doctor: "--name",
  console: "--port",
};

/** The longest command that an error message repeats, in characters. */
const MAX_COMMAND_LENGTH = 200;

/** The command as the user called it. */
export interface Typed {
  /** The words before the arguments. */
  readonly invocation: string;
  readonly args: readonly string[];
}

/** Returns a command as the user types it in a POSIX shell. */
export function commandLineOf(invocation: string, words: readonly string[]): string {
  return [invocation, ...words.map(shellWord)].join(" ");
}

/** Returns the names of a command and of the groups above it, without the program's name: `["dlq", "list"]`. */
export function pathOf(command: Command): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}

/** Returns a command and the commands below it. */
export function commandsIn(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsIn)];
}

/** Rewrites an error from commander to this project's style, and adds what was probably meant. */
export function usageErrorText(command: Command, text: string, typed: Typed): string {
  const [, option = "", value] = /^error: unknown option '(--[a-z-]+)(?:=(.*))?'/s.exec(text) ?? [];
  const renamed = RENAMED[option];
  if (renamed !== undefined) return `Unknown option ${option}: its new name is ${renamed}.\n`;
  if (option !== "" && isArgument(command, option)) {
    return `Unknown option '${option}'.${meantArgument(command, option, value, typed)}\n`;
  }
  const [, dashed] = /^error: unknown option '(-.*)'\n$/s.exec(text) ?? [];
  const isDashedArgument = dashed !== undefined && command.registeredArguments.length > command.args.indexOf(dashed);
  if (isDashedArgument) return `${sentenceOf(text)}${dashedArgument(dashed, typed)}\n`;
  if (text.startsWith("error: too many arguments")) return `${unexpectedArgument(command, typed)}\n`;
  if (text.startsWith("error: missing required argument")) {
    return `${sentenceOf(text)}Usage: ${typed.invocation} ${pathOf(command).join(" ")} ${command.usage()}\n`;
  }
  if (text.startsWith("error: unknown command") && !text.includes("Did you mean")) {
    return `${sentenceOf(text)}${sameNames(command)}`;
  }
  return sentenceOf(text);
}

function sentenceOf(text: string): string {
  return text.replace(/^error: (.)/, (_, first) => first.toUpperCase());
}

/** Returns whether the command has an argument with the option's name, and the option is in its place. */
function isArgument(command: Command, option: string): boolean {
  const index = command.registeredArguments.findIndex((argument) => `--${argument.name()}` === option);
  return index !== -1 && command.args.findIndex((word) => word.split("=")[0] === option) === index;
}

function meantArgument(command: Command, option: string, inline: string | undefined, { invocation, args }: Typed) {
  const value = inline ?? command.args[command.args.indexOf(option) + 1];
  if (value === undefined || value.startsWith("-")) return ` Give the ${option.slice(2)} without it.`;
  const at = args.findIndex((word) => word.split("=")[0] === option);
  return meant(invocation, [...args.slice(0, at), value, ...args.slice(at + (inline === undefined ? 2 : 1))]);
}

/** Returns a line with the command that takes the word for an argument. */
function dashedArgument(word: string, { invocation, args }: Typed): string {
  const line = commandLineOf(invocation, [...args.filter((arg) => arg !== word), "--", word]);
  return line.length <= MAX_COMMAND_LENGTH
    ? `If it is an argument: ${line}`
    : "If it is an argument, put it after -- at the end.";
}

function unexpectedArgument(command: Command, { invocation, args }: Typed): string {
  const path = pathOf(command).join(" ");
  const taken = command.registeredArguments.length;
  const [extra = "", ...others] = command.args.slice(taken);
  const takes = `${path} takes ${taken === 0 ? "no" : taken} argument${taken === 1 ? "" : "s"}`;
  const message = `Unexpected argument ${shellWord(excerpt(extra))}: ${takes}.`;
  const isCode = path.startsWith("dlq ") && REFUSAL_CODES.some((code) => code === extra);
  const option = isCode ? "--code" : OPTION_OF_ARGUMENT[path];
  if (option === undefined || args.includes("--")) return message;
  const isGiven = args.some((word) => word.split("=")[0] === option);
  if (others.length > 0 || isGiven) return `${message} Put a value that has spaces in single quotes.`;
  const at = args.indexOf(extra);
  if (args.includes(extra, at + 1)) return `${message}\nDid you mean ${option}?`;
  return `${message}${meant(invocation, [...args.slice(0, at), option, ...args.slice(at)], option)}`;
}

/** Returns a line with the command that was probably meant, or with its option if the command is too long to read. */
function meant(invocation: string, words: readonly string[], option?: string): string {
  const line = commandLineOf(invocation, words);
  if (printable(line) === line && line.length <= MAX_COMMAND_LENGTH) return `\nDid you mean: ${line}`;
  return option === undefined ? "" : `\nDid you mean ${option}?`;
}

/** Returns a line with the commands of other groups that have the unknown command's name. */
function sameNames(command: Command): string {
  let program = command;
  while (program.parent) program = program.parent;
  const paths = commandsIn(program).flatMap((each) =>
    each.name() === command.args[0] ? [pathOf(each).join(" ")] : [],
  );
  return paths.length === 0 ? "" : `(Did you mean ${paths.join(" or ")}?)\n`;
}

/** Refuses the empty value that an unset variable leaves, as in `--name "$NAME"`, in every option and required argument. */
export function refuseEmptyValues(command: Command): void {
  const takers = [...command.options, ...command.registeredArguments.filter(({ required }) => required)];
  for (const taker of takers) {
    const parse = taker.parseArg?.bind(taker);
    taker.argParser((text: string, previous: unknown) => {
      if (text === "") throw new InvalidArgumentError("Expected a value that is not empty.");
      return parse === undefined ? text : parse(text, previous);
    });
  }
}

/**
 * Returns an error message if an argument has characters that no file, name or message may have; otherwise undefined.
 * Node.js and the AWS SDK would fail with a TypeError, or send other characters.
 */
export function malformedArgument(args: readonly string[]): string | undefined {
  const malformed = args.find((arg) => arg.includes("\0") || !arg.isWellFormed());
  return malformed === undefined
    ? undefined
    : `Invalid argument ${JSON.stringify(malformed)}: expected Unicode text without the character U+0000.`;
}
