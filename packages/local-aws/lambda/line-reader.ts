import type { Readable } from "node:stream";

/** Maximum length of a line in characters. Longer lines are split, as CloudWatch Logs does. */
const MAX_LINE_CHARACTERS = 1024 * 1024;

/** Splits a process's output into lines and reports when it has read up to a mark or to the end. */
export class LineReader {
  /** The text after the last newline. */
  private rest = "";
  private ended = false;
  private awaited: { readonly mark: string; readonly reached: () => void } | undefined;

  constructor(
    stream: Readable,
    private readonly onLine: (line: string) => void,
  ) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => this.read(text));
    stream.once("close", () => {
      this.ended = true;
      if (this.rest !== "") this.takeLine(this.rest);
      this.awaited?.reached();
    });
  }

  /** Resolves once a line that ends with `mark` was read, or the stream ended. Only one call may wait at a time. */
  async until(mark: string): Promise<void> {
    if (this.ended) return;
    await new Promise<void>((reached) => {
      this.awaited = { mark, reached };
    });
  }

  private read(text: string): void {
    // node:readline also splits at U+2028, which JSON strings may contain.
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.takeLine(line);
    while (this.rest.length > MAX_LINE_CHARACTERS) {
      this.onLine(this.rest.slice(0, MAX_LINE_CHARACTERS));
      this.rest = this.rest.slice(MAX_LINE_CHARACTERS);
    }
  }

  private takeLine(line: string): void {
    const { mark, reached } = this.awaited ?? {};
    if (mark === undefined || !line.endsWith(mark)) {
      this.onLine(line.replace(/\r$/, ""));
      return;
    }
    // The handler's last output may not end with a newline.
    if (line !== mark) this.onLine(line.slice(0, -mark.length));
    this.awaited = undefined;
    reached?.();
  }
}
