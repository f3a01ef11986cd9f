import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { styleText } from "node:util";
import { printable, printableJson } from "@event-pipeline/node-process/printable";

/** A format of `util.styleText`. */
export type Style = Exclude<Parameters<typeof styleText>[0], readonly unknown[]>;

export interface OutputProps {
  /** Objects, one a line, instead of text. */
  readonly json: boolean;
  /** False for none, whatever the terminal can. */
  readonly color: boolean;
}

/**
 * Data on stdout, messages on stderr; colours where there is a terminal and
 * nobody minds. Text goes through `printable` here and nowhere else, whoever
 * wrote it: nothing but the colours of `paint` reaches a terminal as it is.
 */
export class Output {
  readonly json: boolean;
  /** Why stdout cannot be written, where its reader did not just go away. */
  failure: string | undefined;
  private readonly color: boolean;
  /** Stands around each colour of `paint`. Nobody else knows it, so that no text of theirs passes for a colour. */
  private readonly mark = randomUUID();
  private readonly closing = new AbortController();
  /** Called before anything is written, to take away what is not to stay. */
  beforeWrite: (() => void) | undefined;

  constructor({ json, color }: OutputProps) {
    this.json = json;
    this.color = color && !process.env.NO_COLOR && process.env.TERM !== "dumb";
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      // `… | head` has what it wanted; a full disk takes no more of what somebody wants.
      if (error.code !== "EPIPE") this.failure = `Standard output takes no more: ${error.message}.`;
      this.closing.abort();
    });
    process.stderr.on("error", () => undefined); // There is nowhere left to say it.
  }

  /** Aborts when nobody reads stdout any more. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  /** A line of data for a person; resolves when there is room for more. */
  async line(text = ""): Promise<void> {
    await this.write(`${this.shown(text)}\n`);
  }

  /** A line of data for a program. */
  async record(value: object): Promise<void> {
    await this.write(`${printableJson(JSON.stringify(value))}\n`);
  }

  /** As `record`, of JSON that is there already, digit for digit. */
  async recordJson(json: string): Promise<void> {
    await this.write(`${printableJson(json)}\n`);
  }

  /** As much of the end of a line as fits behind so many characters on a terminal; all of it elsewhere. */
  cut(text: string, used: number): string {
    if (!process.stdout.isTTY) return text;
    const room = Math.max(10, (process.stdout.columns || 80) - used);
    const shown = printable(text);
    return shown.length > room ? `${shown.slice(0, room - 1)}…` : shown;
  }

  /** A message to the person, beside the data. */
  note(text: string): void {
    this.beforeWrite?.();
    process.stderr.write(`${this.shown(text)}\n`);
  }

  /** The text as it is written: colours as they are, and everything else as `printable` makes it. */
  shown(text: string): string {
    // The text and what is between two marks take turns.
    return text
      .split(this.mark)
      .map((part, index) => (index % 2 === 0 ? printable(part) : part))
      .join("");
  }

  /** In a colour on stdout, or as it is where there are none. */
  paint(style: Style, text: string): string {
    return this.paintFor(process.stdout, style, text);
  }

  /** In a colour on stderr. */
  paintNote(style: Style, text: string): string {
    return this.paintFor(process.stderr, style, text);
  }

  /**
   * Rows under their columns' heads. A column is as wide as its widest cell;
   * the last one is not padded.
   *
   * @param styleOf - A colour of a cell. @default - none
   */
  async table(
    head: readonly string[],
    rows: readonly (readonly string[])[],
    styleOf: (cell: string, column: number) => Style | undefined = () => undefined,
  ): Promise<void> {
    const cells = rows.map((row) => row.map(printable));
    const widths = head.map((name, column) => Math.max(name.length, ...cells.map((row) => (row[column] ?? "").length)));
    const lineOf = (row: readonly string[], paint: (padded: string, cell: string, column: number) => string) =>
      row
        .map((cell, column) => paint(column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0), cell, column))
        .join("  ");
    await this.line(lineOf(head, (padded) => this.paint("bold", padded)));
    for (const row of cells) {
      await this.line(
        lineOf(row, (padded, cell, column) => {
          const style = styleOf(cell, column);
          return style ? this.paint(style, padded) : padded;
        }),
      );
    }
  }

  private paintFor(stream: NodeJS.WriteStream, style: Style, text: string): string {
    if (!this.color || !stream.isTTY) return text;
    const [on, off] = styleText(style, this.mark, { validateStream: false }).split(this.mark);
    return `${this.mark}${on}${this.mark}${text}${this.mark}${off}${this.mark}`;
  }

  /** Text of this program's own, such as what moves a terminal. */
  async write(text: string): Promise<void> {
    this.beforeWrite?.();
    if (this.closed.aborted || process.stdout.write(text)) return;
    await once(process.stdout, "drain", { signal: this.closed }).catch(() => undefined);
  }
}
