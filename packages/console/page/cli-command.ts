import { shellWord } from "@event-pipeline/operations/shell-word";
import { oneLineJson } from "./json-text";
import type { ListFilter } from "./list-filter";

const COMMAND = "npx event-pipeline";

/** Returns the command that publishes the message; undefined if the message cannot be one line of NDJSON. */
export function publishCommand(
  message: string,
  attributes: Readonly<Record<string, string>>,
  cliOptions: string,
): string | undefined {
  const line = oneLineJson(message) ?? (/[\r\n]/.test(message) ? undefined : message);
  if (line === undefined || line.trim() === "") return undefined;
  const options = Object.entries(attributes).map(([name, value]) => ` --attribute ${shellWord(`${name}=${value}`)}`);
  return `printf '%s\\n' ${shellWord(line)} | ${COMMAND} publish - --no-validate${options.join("")} ${cliOptions}`;
}

/** Returns the command that shows the trace of an event. */
export function showCommand(messageId: string, cliOptions: string): string {
  return `${COMMAND} events show ${shellWord(messageId)} ${cliOptions}`;
}

/** Returns the command whose output is closest to the filtered list. No command supports all of the page's filters. */
export function listCommand({ type, id, status }: ListFilter, cliOptions: string): string {
  if (status === "dead") return `${COMMAND} dlq list ${cliOptions}`;
  if (id !== "") return showCommand(id, cliOptions);
  if (type !== "") return `${COMMAND} events list --type ${shellWord(type)} ${cliOptions}`;
  return `${COMMAND} events tail ${cliOptions}`;
}

/** @param code - Error code of the messages to redrive; undefined for all messages. */
export function redriveCommand(code: string | undefined, cliOptions: string): string {
  return `${COMMAND} dlq redrive${code === undefined ? "" : ` --code ${shellWord(code)}`} --yes ${cliOptions}`;
}
