import { readFileSync } from "node:fs";

/** A command that a document tells its reader to run. */
export interface DocCommand {
  readonly file: string;
  /** The heading above the command, including its `#` signs. */
  readonly heading: string;
  /** The command line, without a trailing comment. */
  readonly text: string;
  /** True if the heading, the command's paragraph or, for a block, the paragraph before it says "AWS only". */
  readonly awsOnly: boolean;
  /** True if the command is a line of a fenced block; false for code within a sentence. */
  readonly inBlock: boolean;
}

/** Lines that belong together: a heading, a paragraph, a table row, a list item or a fenced block. */
interface Block {
  readonly language?: string;
  readonly lines: string[];
}

const FENCE = /^\s*```(.*)$/;
const OWN_BLOCK = /^(?:#+ |\||\s*(?:[-*]|\d+\.) )/;
const ENVIRONMENT = /^(?:[A-Za-z_]\w*=\S*\s+)+/;

/** Supported languages of fenced blocks. */
const LANGUAGES = ["", "sh", "json", "hcl", "ts"];

/**
 * Returns every command of a document: the lines of its `sh` blocks, and inline code that starts with one of `tools`.
 *
 * @throws Error for a fenced block of another language.
 */
export function commandsOf(file: string, tools: readonly string[]): DocCommand[] {
  let heading = "";
  let before = "";
  return blocksOf(readFileSync(file, "utf8")).flatMap(({ language, lines }): DocCommand[] => {
    const text = lines.join("\n");
    if (language !== undefined) {
      if (!LANGUAGES.includes(language)) throw new Error(`${file} has a block in "${language}": ${text}`);
      const awsOnly = /AWS only/.test(`${heading}\n${before}`);
      return language === "sh"
        ? shellCommands(text).map((command) => ({ file, heading, text: command, awsOnly, inBlock: true }))
        : [];
    }
    before = text;
    if (text.startsWith("#")) heading = text;
    const awsOnly = /AWS only/.test(`${heading}\n${text}`);
    return [...text.matchAll(/`([^`]+)`/g)]
      .map(([, code = ""]) => code.replace(/\s+/g, " "))
      .filter((code) => tools.some((tool) => code.replace(ENVIRONMENT, "").startsWith(`${tool} `)))
      .map((command) => ({ file, heading, text: command, awsOnly, inBlock: false }));
  });
}

/** Returns whether a command only sets up the reader's shell. */
export function isSetup({ text }: DocCommand): boolean {
  return /^export |^aws\(\) /.test(text);
}

/** Returns the command without its leading environment variables. */
export function withoutEnvironment(text: string): string {
  return text.replace(ENVIRONMENT, "");
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of markdown.split("\n")) {
    const language = FENCE.exec(line)?.[1];
    if (open?.language !== undefined) {
      if (language === "") open = undefined;
      else open.lines.push(line);
      continue;
    }
    if (line.trim() === "") {
      open = undefined;
      continue;
    }
    if (!open || language !== undefined || OWN_BLOCK.test(line)) {
      open = { ...(language !== undefined && { language }), lines: [] };
      blocks.push(open);
    }
    if (language === undefined) open.lines.push(line);
  }
  return blocks;
}

function shellCommands(block: string): string[] {
  return block
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.replace(/(?:^|\s+)# .*$/, "").trim())
    .filter((line) => line !== "");
}
