import { basename, delimiter, dirname, relative } from "node:path";
import { NPX_COMMAND } from "@event-pipeline/operations/commands";
import { shellWord } from "@event-pipeline/operations/shell-word";

/**
 * Returns what the user types before the command's arguments, so that a printed command works in the same shell: npx
 * under npm, the command itself if it is on the PATH, and otherwise the file.
 *
 * @param script - The file that Node.js runs, or the link to it (`process.argv[1]`).
 * @example
 * invocationOf("/home/me/clone/packages/cli/event-pipeline.mjs", {}, "/home/me/clone"); // node packages/cli/event-pipeline.mjs
 */
export function invocationOf(script: string, env: NodeJS.ProcessEnv, folder: string): string {
  // npx and npm's scripts add folders to the PATH that the user's shell does not have.
  if (env.npm_lifecycle_event !== undefined) return NPX_COMMAND;
  const command = basename(script);
  const isLink = command === "event-pipeline";
  if (isLink && env.PATH?.split(delimiter).includes(dirname(script))) return command;
  const path = relative(folder, script);
  return `node ${shellWord(path.startsWith("..") ? script : path)}`;
}
