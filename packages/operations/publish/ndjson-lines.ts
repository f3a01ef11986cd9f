/** A line of ndjson, or why it cannot be published. */
export interface NdjsonLine {
  /** The line number, from 1; empty lines count. */
  readonly number: number;
  readonly text: string;
  readonly refusal?: string;
}

const LINE_FEED = 0x0a;

/**
 * Splits a stream into lines, and yields those that a chunk completes. Memory
 * stays constant: a line above `maxBytes` is skipped and refused. Empty lines
 * are left out.
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<NdjsonLine[], void, void> {
  let number = 1;
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  const line = (): NdjsonLine[] => {
    const read = bytes > maxBytes ? tooLong(number, bytes, maxBytes) : lineOf(number, Buffer.concat(parts));
    number += 1;
    parts = [];
    bytes = 0;
    return read.text.trim() === "" && !read.refusal ? [] : [read];
  };

  for await (const chunk of stream) {
    const lines: NdjsonLine[] = [];
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

function lineOf(number: number, bytes: Buffer): NdjsonLine {
  try {
    // TextDecoder removes a byte order mark; the line may end with CR LF.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  } catch {
    return { number, text: "", refusal: "The line is not valid UTF-8." };
  }
}

function tooLong(number: number, bytes: number, maxBytes: number): NdjsonLine {
  return { number, text: "", refusal: `The line has ${bytes} bytes. SNS allows ${maxBytes}.` };
}
