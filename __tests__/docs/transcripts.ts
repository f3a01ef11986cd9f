import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A command of a document with its output. */
export interface Transcript {
  readonly file: string;
  readonly command: string;
  readonly output: readonly string[];
}

const PROMPT = "$ ";
/** The end of a line of a command that continues in the next line. */
const CONTINUED = /\\$/;

/** Returns every command after a `$` in the fenced blocks of a document, in order. */
export function transcriptsOf(file: string): Transcript[] {
  const found: { file: string; command: string; output: string[] }[] = [];
  let open = false;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const last = found.at(-1);
    if (line.trimStart().startsWith("```")) open = false;
    else if (line.startsWith(PROMPT)) {
      open = true;
      found.push({ file, command: line.slice(PROMPT.length), output: [] });
    } else if (open && last && CONTINUED.test(last.command) && last.output.length === 0)
      last.command = last.command.replace(CONTINUED, line.trimStart());
    else if (open) last?.output.push(line);
  }
  return found;
}

/** Matches the commands that only read. They are repeated until the event has reached the documented state. */
const READING =
  /^npx event-pipeline (events (show|list|types|tail)|status|dlq (list|show)|archive (list|get)|reconcile|doctor)\b|^aws \S+ (describe|get|list|query|receive|scan)\b/;
/** Time limit for the documented output to appear, in milliseconds. The archive is the slowest. */
const PATIENCE_MS = 15_000;

/** Runs a document's transcripts in order, with the IDs of this run in place of the documented IDs. */
export class TranscriptRunner {
  /** Ids of this run, by the id in the document. */
  private readonly actual = new Map<string, string>();

  /** @param printedBy - Runs a command. Returns its output as a terminal shows it. */
  constructor(private readonly printedBy: (command: string) => Promise<string>) {}

  /** Runs a command, and expects the documented output. */
  async run({ command, output }: Transcript): Promise<void> {
    const text = [...this.actual].reduce((filled, [documented, id]) => filled.replaceAll(documented, id), command);
    const deadline = performance.now() + PATIENCE_MS;
    let printed = linesOf(await this.printedBy(text));
    while (READING.test(command) && !isAsPrinted(output, printed) && performance.now() < deadline) {
      await sleep(500);
      printed = linesOf(await this.printedBy(text));
    }
    // On failure, jest shows both side by side.
    expect({ matches: isAsPrinted(output, printed), printed }).toEqual({ matches: true, printed });
    const [documentedIds, ids] = [output, printed].map((lines) => lines.join("\n").match(new RegExp(ID, "g")) ?? []);
    for (const [index, id] of (documentedIds ?? []).entries())
      if (!this.actual.has(id)) this.actual.set(id, String(ids?.[index]));
  }
}

function linesOf(text: string): string[] {
  const trimmed = text.trimEnd();
  return trimmed === "" ? [] : trimmed.split("\n");
}

/** Values that change with every run; the first match wins. */
const CHANGING: readonly [string, RegExp][] = [
  ["<id>", /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/],
  ["<folder>", /year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d/],
  ["<time>", /\d{4}-\d\d-\d\d[T-]\d\d[:-]\d\d[:-]\d\d(?:\.\d{3}Z)?/],
  ["<time>", /\d\d:\d\d:\d\d\.\d{3}/],
  ["<day>", /\d{4}-\d\d-\d\d/],
  ["<digest>", /(?<=#)[\w-]{22}(?!\w)/],
  ["<ms>", /\d+ ms(?!=)|\bms=\d+/],
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

const ID = CHANGING[0]?.[1] ?? /$^/;

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
