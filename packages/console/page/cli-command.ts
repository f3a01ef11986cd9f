import type { Filter } from "./filter";
import { oneLineJson } from "./json-text";

const COMMAND = "npx event-pipeline";

/** For a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** @returns undefined for a text that no line of ndjson can be. */
export function publishCommand(
  message: string,
  attributes: Readonly<Record<string, string>>,
  cliOptions: string,
): string | undefined {
  const line = oneLineJson(message) ?? (/[\r\n]/.test(message) ? undefined : message);
  if (line === undefined || line.trim() === "") return undefined;
  const options = Object.entries(attributes).map(([name, value]) => ` --attribute ${quoted(`${name}=${value}`)}`);
  return `printf '%s\\n' ${quoted(line)} | ${COMMAND} publish - --no-validate${options.join("")} ${cliOptions}`;
}

export function showCommand(messageId: string, cliOptions: string): string {
  return `${COMMAND} events show ${quoted(messageId)} ${cliOptions}`;
}

/** What lists, on a terminal, about what the filter shows. */
export function listCommand({ type, id, status }: Filter, cliOptions: string): string {
  if (status === "dead") return `${COMMAND} dlq list ${cliOptions}`;
  if (id !== "") return showCommand(id, cliOptions);
  if (type !== "") return `${COMMAND} events list --type ${quoted(type)} ${cliOptions}`;
  return `${COMMAND} events tail ${cliOptions}`;
}

export function redriveCommand(code: string | undefined, cliOptions: string): string {
  return `${COMMAND} dlq redrive${code === undefined ? "" : ` --code ${quoted(code)}`} --yes ${cliOptions}`;
}
