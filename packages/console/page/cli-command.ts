import { commandWith, optionWords, positionalWords } from "@event-pipeline/operations/commands";
import { isArgument, shellWord } from "@event-pipeline/operations/shell-word";
import type { EventRow } from "../api";
import { type ListFilter, NO_FILTER, queryOf } from "./list-filter";

/**
 * Returns the command that publishes exactly the message. Returns undefined if none does: `publish -` reads one message per
 * line, and leaves out blank lines, a byte order mark and a NUL character.
 */
export function publishCommand(
  message: string,
  attributes: Readonly<Record<string, string>>,
  cliOptions: string,
): string | undefined {
  if (message.trim() === "" || /[\r\n\0]|^\uFEFF/.test(message) || !message.isWellFormed()) return undefined;
  const options = Object.entries(attributes).flatMap(([name, value]) => optionWords("attribute", `${name}=${value}`));
  const publish = commandWith(["publish", "-", "--no-validate", ...options], cliOptions);
  return `printf '%s\\n' ${shellWord(message)} | ${publish}`;
}

/** Returns the command that shows the trace of an event. */
export function showCommand(messageId: string, cliOptions: string): string {
  return commandWith(["events", "show", ...positionalWords(messageId)], cliOptions);
}

/** Returns the command that lists the stored events of a type; undefined if no argument can be the type. */
export function typeCommand(type: string, cliOptions: string): string | undefined {
  if (!isArgument(type)) return undefined;
  return commandWith(["events", "list", ...optionWords("type", type)], cliOptions);
}

/**
 * Returns the command that shows the same events as the list; undefined if no command does.
 *
 * @param deadLetters - Number of messages in the dead-letter queue; undefined if it is not known.
 */
export function listCommand(
  filter: ListFilter,
  rows: readonly EventRow[],
  deadLetters: number | undefined,
  cliOptions: string,
): string | undefined {
  const [row] = rows;
  if (!row) return undefined;
  const isDead = queryOf(filter) === queryOf({ ...NO_FILTER, status: "dead" });
  if (isDead && rows.length === deadLetters) return commandWith(["dlq", "list"], cliOptions);
  return rows.length === 1 ? showCommand(row.messageId, cliOptions) : undefined;
}

/** @param messageId - SNS message ID of the event to redrive; undefined for all messages of the dead-letter queue. */
export function redriveCommand(messageId: string | undefined, cliOptions: string): string {
  const id = messageId === undefined ? [] : optionWords("id", messageId);
  return commandWith(["dlq", "redrive", ...id, "--yes"], cliOptions);
}
