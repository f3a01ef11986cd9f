import { isUtf8 } from "node:buffer";

/** A record in an object, or other text in it. */
export interface RawRecord {
  readonly text: string;
  /** The line number, from 1. */
  readonly line: number;
  /** The reason for which the text cannot be a record; absent for a record. */
  readonly problem?: string;
}

const NEWLINE = 0x0a;
/** Twice the size of the largest record that Firehose accepts, 1,000 KiB. */
const MAX_RECORD_BYTES = 2 * 1_024 * 1_024;

/**
 * Splits an object into records. A line has one record, or several (`}{`) if
 * their publisher wrote no line breaks to Firehose. Only one record is in memory
 * at a time. A line that is too long is skipped and reported.
 */
export async function* splitRecords(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RawRecord, void, void> {
  let buffered: Uint8Array[] = [];
  let bufferedBytes = 0;
  let line = 1;
  /** True while the rest of a line that is too long is skipped. */
  let isSkipping = false;
  const append = (bytes: Uint8Array) => {
    buffered.push(bytes);
    bufferedBytes += bytes.length;
  };
  const takeBuffered = (): Buffer => {
    const bytes = buffered.length === 1 ? Buffer.from(buffered[0] as Uint8Array) : Buffer.concat(buffered);
    buffered = [];
    bufferedBytes = 0;
    return bytes;
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (!isSkipping) append(chunk.subarray(start, end));
      if (bufferedBytes > 0) yield* recordsOf(takeBuffered(), line);
      line += 1;
      isSkipping = false;
      start = end + 1;
    }
    if (!isSkipping) append(chunk.subarray(start));
    if (bufferedBytes <= MAX_RECORD_BYTES) continue;
    const { pieces, rest } = splitObjects(takeBuffered());
    for (const piece of pieces) yield recordOf(piece, line);
    if (rest.length <= MAX_RECORD_BYTES) append(rest);
    else {
      isSkipping = true;
      yield { text: "", line, problem: `a record of more than ${MAX_RECORD_BYTES} bytes` };
    }
  }
  if (bufferedBytes > 0) yield* recordsOf(takeBuffered(), line);
}

/** Matches lines that may contain several objects. Only these lines are split, because splitting is slow. */
const MAY_CONTAIN_SEVERAL = /\}[ \t\r]*\{/;

function* recordsOf(bytes: Buffer, line: number): Generator<RawRecord, void, void> {
  const { pieces, rest } = MAY_CONTAIN_SEVERAL.test(bytes.toString("latin1"))
    ? splitObjects(bytes)
    : { pieces: [], rest: bytes };
  for (const piece of pieces) yield recordOf(piece, line);
  if (!isBlank(rest)) yield recordOf(rest, line);
}

function recordOf(bytes: Buffer, line: number): RawRecord {
  const text = bytes.toString().trim();
  return isUtf8(bytes) ? { text, line } : { text, line, problem: "invalid UTF-8" };
}

const [OPEN, CLOSE, QUOTE, BACKSLASH] = [...'{}"\\'].map((character) => character.charCodeAt(0));

/** Returns the outermost JSON objects and any text between them, and the incomplete rest. */
function splitObjects(bytes: Buffer): { readonly pieces: Buffer[]; readonly rest: Buffer } {
  const pieces: Buffer[] = [];
  let start = 0;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === OPEN) {
      if (depth === 0 && !isBlank(bytes.subarray(start, at))) pieces.push(bytes.subarray(start, at));
      if (depth === 0) start = at;
      depth += 1;
    } else if (depth > 0) {
      if (byte === QUOTE) inString = true;
      else if (byte === CLOSE) {
        depth -= 1;
        if (depth === 0) {
          pieces.push(bytes.subarray(start, at + 1));
          start = at + 1;
        }
      }
    }
  }
  return { pieces, rest: bytes.subarray(start) };
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
