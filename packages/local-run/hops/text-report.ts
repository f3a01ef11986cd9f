import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { printable } from "@event-pipeline/node-process/printable";
import type { TextStyle } from "@event-pipeline/node-process/standard-output";
import { factsOf, isMetric, isQuiet, parseJsonLine } from "../lambda/handler-line";
import { columnsOf, fold } from "./fold";
import { readyText } from "./ready-text";
import type { ReadyFacts, Report } from "./report";
import type { Terminal } from "./terminal";

// One format each: Node.js 20 takes no heed of NO_COLOR and of pipes where there are two.
const STYLES: Readonly<Record<HopKind | "log", TextStyle>> = {
  published: "cyan",
  filtered: "yellow",
  queued: "blue",
  processed: "blue",
  stored: "green",
  archived: "magenta",
  failed: "red",
  "dead-lettered": "red",
  log: "dim",
};

const LEVEL_STYLES: Readonly<Record<string, TextStyle>> = { WARN: "yellow", ERROR: "red", CRITICAL: "red" };

/** Columns that what does not fit on a line is set in on the next. */
const INDENT = 2;
/** Characters of one value on a terminal; a pipe and --json have them all. */
const MAX_SHOWN_CHARACTERS = 1_000;

export interface TextReportProps {
  readonly terminal: Terminal;
  /** Whether every line of a handler is shown, not only what is wrong. */
  readonly verbose: boolean;
}

/** For people: a line a hop, folded where a terminal is too narrow; the first has the time, the stage and the MessageId. */
export class TextReport implements Report {
  constructor(private readonly props: TextReportProps) {}

  ready(facts: ReadyFacts): void {
    this.paragraph(`${readyText(facts)}\n`);
  }

  hop({ at, kind, eventId, messageId, sincePublishedMs, detail }: Hop): void {
    const elapsed = sincePublishedMs === undefined ? "" : `+${sincePublishedMs} ms`;
    const head = `${this.shown(messageId).padEnd(36)}  ${elapsed.padStart(9)}`;
    const ownId = eventId === messageId ? {} : { id: eventId };
    this.line(at, kind, head, this.pairs({ ...ownId, ...detail }));
  }

  log(functionName: string, line: string): void {
    const json = parseJsonLine(line);
    if (json && (isMetric(json) || (isQuiet(json) && !this.props.verbose))) return;
    const { level, message, ...facts } = (json && factsOf(json)) ?? { message: line };
    const said = [level, message].map((text) => printable(text ?? ""));
    const rest = [...said, this.pairs(facts)].filter(Boolean).join(" ");
    this.line(Date.now(), "log", `${printable(functionName)}:`, rest, LEVEL_STYLES[level ?? ""]);
  }

  note(message: string): void {
    const sentence = message.trimStart();
    this.paragraph(`${message.slice(0, -sentence.length)}${printable(sentence)}\n`);
  }

  verdict(problems: readonly string[]): void {
    this.paragraph(
      problems.length === 0
        ? "\nAll events arrived: stored, archived, and the poison in the dead-letter queue at its first attempt.\n"
        : `\nNot all events arrived:\n${problems.map((problem) => `  ${printable(problem)}\n`).join("")}`,
    );
  }

  /** @param head - What stays together on the first line. */
  private line(at: number, kind: HopKind | "log", head: string, rest: string, style = STYLES[kind]): void {
    const { terminal } = this.props;
    const columns = terminal.columns();
    const start = `${clock(at)}  ${kind.padEnd(13)}  ${head}`;
    const whole = `${start}  ${rest}`;
    const lines =
      columns === undefined || columnsOf(whole) <= columns
        ? [whole]
        : [...fold(start, columns, INDENT), ...fold(" ".repeat(INDENT) + rest, columns, INDENT)];
    // The clock has no letters, so the first match is the word itself.
    const text = lines.join("\n").replace(kind, (word) => terminal.paint(style, word));
    terminal.write(`${text}\n`);
  }

  /** Sentences and lists of our own; commands in them are no longer than they should be, and left whole. */
  private paragraph(text: string): void {
    const { terminal } = this.props;
    const columns = terminal.columns() ?? Number.POSITIVE_INFINITY;
    const lines = text
      .split("\n")
      .map(printable)
      .flatMap((line) => (isCommand(line) ? line : foldItem(line, columns)));
    terminal.write(lines.join("\n"));
  }

  private pairs(facts: Readonly<Record<string, string | number>>): string {
    return Object.entries(facts)
      .map(([key, value]) => `${printable(key)}=${quoted(this.shown(String(value)))}`)
      .join(" ");
  }

  private shown(text: string): string {
    const isCut = this.props.terminal.columns() !== undefined && text.length > MAX_SHOWN_CHARACTERS;
    return printable(isCut ? `${text.slice(0, MAX_SHOWN_CHARACTERS - 1)}…` : text);
  }
}

/** A value with spaces is quoted, so that none looks like two. */
function quoted(value: string): string {
  return /[\s"]/.test(value) ? `"${value.replaceAll('"', '\\"')}"` : value;
}

function isCommand(line: string): boolean {
  return /^ +(export |aws |arn:|--)/.test(line);
}

/** A line of a list, folded under itself. */
function foldItem(line: string, columns: number): string[] {
  return fold(line, columns, (/^ */.exec(line)?.[0].length ?? 0) + (line.startsWith(" ") ? 2 : 0));
}

function clock(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
