import { readFileSync } from "node:fs";

/** A command of a document with its output. */
export interface Transcript {
  readonly file: string;
  /** The command without `npx event-pipeline`. */
  readonly command: string;
  readonly output: readonly string[];
}

const PROMPT = "$ npx event-pipeline ";

/** Returns every command after a `$` in the fenced blocks of a document, in order. */
export function transcriptsOf(file: string): Transcript[] {
  const found: { file: string; command: string; output: string[] }[] = [];
  let open = false;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trimStart().startsWith("```")) open = false;
    else if (line.startsWith(PROMPT)) {
      open = true;
      found.push({ file, command: line.slice(PROMPT.length), output: [] });
    } else if (open) found.at(-1)?.output.push(line);
  }
  return found;
}

/** Values that change with every run; the first match wins. */
const CHANGING: readonly [string, RegExp][] = [
  ["<id>", /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/],
  ["<folder>", /year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d/],
  ["<time>", /\d{4}-\d\d-\d\d[T-]\d\d[:-]\d\d[:-]\d\d(?:\.\d{3}Z)?/],
  ["<time>", /\d\d:\d\d:\d\d\.\d{3}/],
  ["<day>", /\d{4}-\d\d-\d\d/],
  ["<digest>", /(?<=#)[\w-]{22}(?!\w)/],
  ["<ms>", /\d+ ms/],
  ["<rate>", /\d+(?:\.\d+)?\/s/],
  ["<age>", /\b\d+[smhd]\b/],
  ["<endpoint>", /http:\/\/127\.0\.0\.1:\d+/],
];
const ANY = new RegExp(CHANGING.map(([, pattern]) => `(${pattern.source})`).join("|"), "g");

/** Returns a line with placeholders for changing values, and with single spaces. */
export function constant(line: string): string {
  return line
    .replace(ANY, (...matches: (string | undefined)[]) => CHANGING[matches.slice(1).findIndex(Boolean)]?.[0] ?? "")
    .replace(/\s+/g, " ")
    .trimEnd();
}

export const ID = CHANGING[0]?.[1] ?? /$^/;

/** Returns whether printed lines match a document, where `…` is any text, and a line of `…` any lines. */
export function isAsPrinted(documented: readonly string[], printed: readonly string[]): boolean {
  const pattern = documented
    .map((line) => (line === "…" ? "(?:.*\\n)*" : `${constant(line).split("…").map(escaped).join(".*")}\\n`))
    .join("");
  return new RegExp(`^${pattern}$`).test(printed.map((line) => `${constant(line)}\n`).join(""));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
