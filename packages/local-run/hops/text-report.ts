import { styleText } from "node:util";
import { formatTimeOfDay } from "@event-pipeline/console/page/format";
import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";
import { type JsonLine, parseJsonLine } from "@event-pipeline/local-aws/logs/log-line";
import { printable } from "@event-pipeline/node-process/printable";
import { type TextStyle, terminalColumns } from "@event-pipeline/node-process/standard-output";
import { columnsOf, fold } from "./fold";
import { readyText, usageText } from "./ready-text";
import type { ReadyFacts, Report } from "./report";

// One format each: with two, Node.js 20 colors the text even for a pipe or with NO_COLOR.
const STYLES: Readonly<Record<HopKind | "log", TextStyle>> = {
  published: "cyan",
  filtered: "yellow",
  queued: "blue",
  processed: "blue",
  stored: "green",
  archived: "magenta",
  failed: "red",
  "dead-lettered": "red",
  purged: "yellow",
  log: "dim",
};

const LEVEL_STYLES: Readonly<Record<string, TextStyle>> = { WARN: "yellow", ERROR: "red", CRITICAL: "red" };

/** Indentation of folded lines, in columns. */
const INDENT = 2;
/** Maximum length of a value on a terminal. A pipe and --json get the complete value. */
const MAX_SHOWN_CHARACTERS = 1_000;

/** The destination of the text: a terminal, a pipe or a file. */
export interface Terminal {
  write(text: string): void;
  /** Returns the columns to fold lines to; undefined to leave them unfolded. */
  columns(): number | undefined;
  /** Returns the text in color if the terminal supports it. */
  paint(style: TextStyle, text: string): string;
}

/** Returns a terminal for standard output that writes with `write`. NO_COLOR and FORCE_COLOR override color detection. */
export function standardOutput(write: (text: string) => void): Terminal {
  return {
    write,
    columns: terminalColumns,
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
  };
}

/** Writes one line per hop for people, with the time, the kind and the MessageId first. A terminal gets folded lines. */
export class TextReport implements Report {
  /** @param verbose - True to show every log line of the handlers, not only warnings, errors and plain text. */
  constructor(
    private readonly terminal: Terminal,
    private readonly verbose: boolean,
  ) {}

  ready(facts: ReadyFacts): void {
    this.paragraph(`${readyText(facts)}\n`);
  }

  waiting(facts: ReadyFacts): void {
    this.paragraph(`\n${usageText(facts)}Running. Press Ctrl-C to stop.\n`);
  }

  hop({ at, kind, eventId, messageId, sincePublishedMs, detail }: Hop): void {
    const elapsed = sincePublishedMs === undefined ? "" : `+${sincePublishedMs} ms`;
    const head = `${this.shown(messageId).padEnd(36)}  ${elapsed.padStart(9)}`;
    const ownId = eventId === messageId ? {} : { id: eventId };
    this.line(at, kind, head, this.pairs({ ...ownId, ...detail }));
  }

  log(functionName: string, line: string): void {
    const json = parseJsonLine(line);
    // A member `_aws` marks a metric in CloudWatch's embedded metric format.
    if (json && ("_aws" in json || (isInfoOrLower(json) && !this.verbose))) return;
    const { level, message, ...facts } = (json && ownFields(json)) ?? { message: line };
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
        ? "\nAll events arrived: 3 stored, 4 archived, and the poison message dead-lettered at its first attempt.\n"
        : `\nNot all events arrived:\n${problems.map((problem) => `  ${printable(problem)}\n`).join("")}`,
    );
  }

  /** @param head - Text that stays on the first line. */
  private line(at: number, kind: HopKind | "log", head: string, rest: string, style = STYLES[kind]): void {
    const columns = this.terminal.columns();
    const start = `${formatTimeOfDay(at)}  ${kind.padEnd(13)}  ${head}`;
    const whole = `${start}  ${rest}`;
    const lines =
      columns === undefined || columnsOf(whole) <= columns
        ? [whole]
        : [...fold(start, columns, INDENT), ...fold(" ".repeat(INDENT) + rest, columns, INDENT)];
    // The time before the kind contains no letters, so the first match is the kind.
    const text = lines.join("\n").replace(kind, (word) => this.terminal.paint(style, word));
    this.terminal.write(`${text}\n`);
  }

  /** Writes sentences and lists, folded except for commands. */
  private paragraph(text: string): void {
    const columns = this.terminal.columns() ?? Number.POSITIVE_INFINITY;
    const lines = text
      .split("\n")
      .map(printable)
      .flatMap((line) => (isCommand(line) ? line : foldItem(line, columns)));
    this.terminal.write(lines.join("\n"));
  }

  private pairs(facts: Readonly<Record<string, string | number>>): string {
    return Object.entries(facts)
      .map(([key, value]) => `${printable(key)}=${quoted(this.shown(String(value)))}`)
      .join(" ");
  }

  private shown(text: string): string {
    const isCut = this.terminal.columns() !== undefined && text.length > MAX_SHOWN_CHARACTERS;
    return printable(isCut ? `${text.slice(0, MAX_SHOWN_CHARACTERS - 1)}…` : text);
  }
}

/** Quotes a value with spaces, so that it does not look like two values. */
function quoted(value: string): string {
  return /[\s"]/.test(value) ? `"${value.replaceAll('"', '\\"')}"` : value;
}

function isCommand(line: string): boolean {
  return /^ +(export |aws |npx |arn:|--)/.test(line);
}

/** Folds a line. Continuation lines of a list item are indented by two more columns. */
function foldItem(line: string, columns: number): string[] {
  return fold(line, columns, (/^ */.exec(line)?.[0].length ?? 0) + (line.startsWith(" ") ? 2 : 0));
}

/** Returns whether the level is INFO or lower. A missing level counts as INFO, as on Lambda. */
function isInfoOrLower({ level = "INFO" }: JsonLine): boolean {
  return typeof level === "string" && ["TRACE", "DEBUG", "INFO"].includes(level.toUpperCase());
}

/** Fields that the text report does not print as pairs: context from Powertools, and the records of a batch. */
const CONTEXT_KEYS = [
  "timestamp",
  "service",
  "sampling_rate",
  "cold_start",
  "function_arn",
  "function_memory_size",
  "function_name",
  "function_request_id",
  "xray_trace_id",
  LOG_FIELDS.ends,
];

/** Returns all fields except the context, as text; undefined if a value is an object. */
function ownFields(line: JsonLine): Readonly<Record<string, string>> | undefined {
  const fields = Object.entries(line).filter(([key]) => !CONTEXT_KEYS.includes(key));
  const isScalar = (value: unknown) => typeof value !== "object" || value === null;
  const isFlat = fields.every(([, value]) => [value].flat().every(isScalar));
  return isFlat ? Object.fromEntries(fields.map(([key, value]) => [key, String(value)])) : undefined;
}
