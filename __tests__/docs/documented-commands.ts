import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { promisify } from "node:util";
import { commandsOf, type DocCommand, withoutEnvironment } from "../helpers/doc-commands";

export const TOOLS = ["aws", "find", "npm", "npx", "terraform"];
const FILES = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
/** Documents, and headings of documents, whose commands test:fork, test:emulator and test:terraform run. */
const WALKED_ELSEWHERE = /^docs\/(?:cdktf|emulators)\.md|^docs\/deploy\.md### The job that/;
/** The commands of README.md, the other documents and docs/. */
export const commands = FILES.flatMap((file) => commandsOf(file, TOOLS)).filter(
  ({ file, heading, inBlock }) => !(inBlock && WALKED_ELSEWHERE.test(file + heading)),
);

export const toolOf = ({ text }: DocCommand) => withoutEnvironment(text).split(" ")[0] ?? "";
export const ofTool = (tool: string) => commands.filter((command) => toolOf(command) === tool);

export const shell = async (script: string, cwd = ".") => {
  const { PATH = "", HOME = "" } = process.env;
  return promisify(execFile)("bash", ["-euc", script], { cwd, env: { PATH, HOME }, timeout: 25_000 });
};
