/** A line of ndjson, or why it cannot be published. */
export interface Line {
  /** Counted from 1, empty lines too. */
  readonly number: number;
  readonly text: string;
  readonly refusal?: string;
}

const LINE_FEED = 0x0a;

/**
 * Cuts a stream into lines, in memory that grows with no line: one that is
 * longer than `maxBytes` is read over and refused. Lines come in groups, as
 * many as a chunk of the stream ends; empty ones are left out.
 */
export async function* linesOf(stream: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line[], void, void> {
  let number = 1;
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  const line = (): Line[] => {
    const read = bytes > maxBytes ? tooLong(number, bytes, maxBytes) : lineOf(number, Buffer.concat(parts));
    number += 1;
    parts = [];
    bytes = 0;
    return read.text.trim() === "" && !read.refusal ? [] : [read];
  };

  for await (const chunk of stream) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      take(chunk.subarray(start, end));
      lines.push(...line());
      start = end + 1;
    }
    take(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (bytes > 0) yield line();
}

function lineOf(number: number, bytes: Buffer): Line {
  try {
    // A byte order mark is no part of the text; nor is the CR of a line that ends in CR LF.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  } catch {
    return { number, text: "", refusal: "The line is not UTF-8." };
  }
}

function tooLong(number: number, bytes: number, maxBytes: number): Line {
  return { number, text: "", refusal: `The line has ${bytes} bytes, and SNS takes ${maxBytes}.` };
}
