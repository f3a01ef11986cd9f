import type { Readable } from "node:stream";

/** Characters of one line; longer ones come in pieces, as CloudWatch Logs cuts them. */
const MAX_LINE_CHARACTERS = 1024 * 1024;

/** Splits what a process writes into lines, and tells when it has read up to a mark or to the end. */
export class LineReader {
  /** What came after the last line's end. */
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

  /** Resolves once a line that ends with `mark` has been read, or there is no more. One mark at a time. */
  async until(mark: string): Promise<void> {
    if (this.ended) return;
    await new Promise<void>((reached) => {
      this.awaited = { mark, reached };
    });
  }

  private read(text: string): void {
    // Not node:readline's ends of lines: JSON may have U+2028 in its strings.
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
    // A handler may have written its last words without an end of line.
    if (line !== mark) this.onLine(line.slice(0, -mark.length));
    this.awaited = undefined;
    reached?.();
  }
}
