import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";
import { printable, printableJson } from "@event-pipeline/node-process/printable";
import type { StandardOutput, TextStyle } from "@event-pipeline/node-process/standard-output";

/** A stream that may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** A command's streams and environment, of the process or of a test. */
export interface CommandIo extends StandardOutput {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable & { readonly isTTY?: boolean; readonly fd?: number };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborts when the user interrupts the command. */
  readonly interrupted: AbortSignal;
}

/** Milliseconds between two updates of the progress line on a terminal. */
const PROGRESS_INTERVAL_MS = 100;
/** Milliseconds between two lines with the progress if stderr is not a terminal. */
const LOGGED_PROGRESS_INTERVAL_MS = 30_000;
/** Moves to the beginning of the line and clears it. */
const CLEAR_LINE = "\r\u001b[K";

/**
 * Prints data on stdout and messages on stderr. Control characters are escaped,
 * except for the colors that `paint` adds.
 */
export class Output {
  readonly json: boolean;
  /** True while the progress line is on the terminal. */
  private showsProgress = false;
  private readonly color: boolean;
  /** Marks the colors that `paint` adds. It is random, so no other text contains it. */
  private readonly mark = randomUUID();

  constructor(
    readonly io: Pick<CommandIo, "env" | "stdout" | "stderr" | "closed">,
    /** `json`: print one JSON object per line instead of text. `color`: color the text on a terminal. */
    { json, color }: { readonly json: boolean; readonly color: boolean },
  ) {
    this.json = json;
    this.color = color && !io.env.NO_COLOR && io.env.TERM !== "dumb";
  }

  /** Prints data: the record with `--json`, otherwise the text. */
  async print(record: () => object, text: () => string): Promise<void> {
    await (this.json ? this.record(record()) : this.line(text()));
  }

  /** Prints a line of data. Resolves when stdout accepts more data. */
  async line(text = ""): Promise<void> {
    await this.write(`${this.shown(text)}\n`);
  }

  /** Prints an object as a line of JSON. */
  async record(value: object): Promise<void> {
    await this.recordJson(JSON.stringify(value));
  }

  /** Prints JSON text without parsing it, so that numbers keep every digit. */
  async recordJson(json: string): Promise<void> {
    await this.write(`${printableJson(json)}\n`);
  }

  /** Truncates a text so that it fits on the terminal's line after `used` columns. */
  cut(text: string, used: number): string {
    const { isTTY, columns } = this.io.stdout;
    if (!isTTY) return text;
    const room = Math.max(10, (columns || 80) - used);
    const shown = printable(text);
    return shown.length > room ? `${shown.slice(0, room - 1)}…` : shown;
  }

  note(text: string): void {
    this.clearProgress();
    this.io.stderr.write(`${this.shown(text)}\n`);
  }

  /** Returns the text as it is written: with control characters escaped, and colors kept. */
  shown(text: string): string {
    // Every second part is between two marks, so it is a color.
    return text
      .split(this.mark)
      .map((part, index) => (index % 2 === 0 ? printable(part) : part))
      .join("");
  }

  /** Returns a text in color if stdout is a terminal. */
  paint(style: TextStyle, text: string): string {
    return this.paintFor(this.io.stdout, style, text);
  }

  /** Returns a text in color if stderr is a terminal. */
  paintNote(style: TextStyle, text: string): string {
    return this.paintFor(this.io.stderr, style, text);
  }

  /**
   * Prints rows below a header. Each column except the last is padded to its widest cell.
   *
   * @param head - The names of the columns.
   */
  async table(head: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
    const cells = rows.map((row) => row.map(printable));
    const widths = head.map((name, column) => Math.max(name.length, ...cells.map((row) => (row[column] ?? "").length)));
    const pad = (cell: string, column: number) =>
      column === head.length - 1 ? cell : cell.padEnd(widths[column] ?? 0);
    await this.line(head.map((name, column) => this.paint("bold", pad(name, column))).join("  "));
    for (const row of cells) await this.line(row.map(pad).join("  "));
  }

  /** Writes text unchanged, such as a sequence that moves the cursor. */
  async write(text: string): Promise<void> {
    this.clearProgress();
    const { stdout, closed } = this.io;
    if (closed.aborted || stdout.write(text)) return;
    await once(stdout, "drain", { signal: closed }).catch(() => undefined);
  }

  /**
   * Runs `work`, and shows a progress line on stderr meanwhile. If stderr is not a terminal, prints a line every 30 s.
   * The spinner of `@clack/prompts` is not used, because it reads stdin, which may be data.
   *
   * @param textOf - Returns the progress line for the value that `work` reported last. The value is undefined at first.
   */
  async progress<Result, Value = undefined>(
    textOf: (value?: Value) => string,
    work: (report: (value: Value) => void) => Promise<Result>,
  ): Promise<Result> {
    let reported: Value | undefined;
    const report = (value: Value) => {
      reported = value;
    };
    const { stderr, env } = this.io;
    const isTerminal = stderr.isTTY === true && env.TERM !== "dumb";
    const show = () => {
      if (!isTerminal) return this.note(textOf(reported));
      this.showsProgress = true;
      const line = this.paintNote("dim", textOf(reported).slice(0, (stderr.columns || 80) - 1));
      stderr.write(`${CLEAR_LINE}${this.shown(line)}`);
    };
    if (isTerminal) show();
    const timer = setInterval(show, isTerminal ? PROGRESS_INTERVAL_MS : LOGGED_PROGRESS_INTERVAL_MS).unref();
    try {
      return await work(report);
    } finally {
      clearInterval(timer);
      this.clearProgress();
    }
  }

  /** Clears the progress line, because other output may go to the same terminal. */
  private clearProgress(): void {
    if (this.showsProgress) this.io.stderr.write(CLEAR_LINE);
    this.showsProgress = false;
  }

  private paintFor(stream: OutputStream, style: TextStyle, text: string): string {
    if (!this.color || !stream.isTTY) return text;
    const [on, off] = styleText(style, this.mark, { validateStream: false }).split(this.mark);
    return `${this.mark}${on}${this.mark}${text}${this.mark}${off}${this.mark}`;
  }
}

/** Formats a number with its noun: `1 event`, `2 events`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Returns a function that formats a count as the rate since now, such as `12/s`. */
export function startRateFormatter(): (count: number) => string {
  const start = performance.now();
  return (count) => `${(count / ((performance.now() - start) / 1_000)).toFixed(0)}/s`;
}
