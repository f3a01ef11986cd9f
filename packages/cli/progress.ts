import type { Output } from "./output";

/** Milliseconds between two states of the line: the first is there at once. */
const INTERVAL_MS = 100;

/** To the line's beginning, and everything behind it away. */
const CLEAR_LINE = "\r\u001b[K";

/**
 * A line on stderr that says how far something is, rewritten ten times a
 * second; none where stderr is no terminal. It reads nothing from stdin, which
 * may be the data, and leaves Ctrl-C to the command: a spinner of
 * `@clack/prompts` takes both.
 */
export class Progress {
  private readonly isShown = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  private readonly timer: NodeJS.Timeout | undefined;
  private isLineThere = false;

  /** @param state - Says the state in one short line; asked each time. */
  constructor(
    private readonly output: Output,
    private readonly state: () => string,
  ) {
    if (!this.isShown) return;
    output.beforeWrite = () => this.clear();
    this.show();
    this.timer = setInterval(() => this.show(), INTERVAL_MS);
    this.timer.unref();
  }

  /** Takes the line away. */
  end(): void {
    clearInterval(this.timer);
    this.output.beforeWrite = undefined;
    this.clear();
  }

  /** Data may go to the same terminal: it stands in lines of its own. */
  private clear(): void {
    if (this.isLineThere) process.stderr.write(CLEAR_LINE);
    this.isLineThere = false;
  }

  private show(): void {
    this.isLineThere = true;
    const columns = process.stderr.columns || 80;
    const line = this.output.paintNote("dim", this.state().slice(0, columns - 1));
    process.stderr.write(`${CLEAR_LINE}${this.output.shown(line)}`);
  }
}
