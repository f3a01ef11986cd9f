import { isUtf8 } from "node:buffer";

/** A record of an object, or a piece of text that is not one. */
export interface RawRecord {
  readonly text: string;
  /** The line number, from 1. */
  readonly line: number;
  /** The reason that the text cannot be a record; absent otherwise. */
  readonly problem?: string;
}

const NEWLINE = 0x0a;
/** Twice the size of the largest record that Firehose accepts, 1,000 KiB. */
const MAX_RECORD_BYTES = 2 * 1_024 * 1_024;

/**
 * Splits the bytes of an object into records: one per line, or several on a line
 * (`}{`), as Firehose writes records without a line break. It holds one record
 * at a time, and skips a line that is too long.
 */
export class RecordSplitter {
  private readonly held: Uint8Array[] = [];
  private heldBytes = 0;
  private line = 1;
  /** True if the rest of the line is skipped. */
  private skipping = false;

  *push(chunk: Uint8Array): Generator<RawRecord, void, void> {
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline === -1 ? chunk.length : newline;
      if (!this.skipping) this.hold(chunk.subarray(start, end));
      if (newline === -1) {
        if (this.heldBytes > MAX_RECORD_BYTES) yield* this.cutLongLine();
        return;
      }
      yield* this.endLine();
      start = newline + 1;
    }
  }

  /** Returns the last line, which may have no line break. */
  end(): Generator<RawRecord, void, void> {
    return this.endLine();
  }

  private hold(bytes: Uint8Array): void {
    this.held.push(bytes);
    this.heldBytes += bytes.length;
  }

  private take(): Buffer {
    const bytes = this.held.length === 1 ? Buffer.from(this.held[0] as Uint8Array) : Buffer.concat(this.held);
    this.held.length = 0;
    this.heldBytes = 0;
    return bytes;
  }

  private *endLine(): Generator<RawRecord, void, void> {
    const { line } = this;
    this.line += 1;
    this.skipping = false;
    if (this.heldBytes === 0) return;
    yield* recordsOf(this.take(), line);
  }

  /** Returns the complete objects, and keeps the incomplete one unless it is too long. */
  private *cutLongLine(): Generator<RawRecord, void, void> {
    const { line } = this;
    const bytes = this.take();
    const { pieces, rest } = splitObjects(bytes);
    for (const piece of pieces) yield recordOf(piece, line);
    if (rest.length <= MAX_RECORD_BYTES) {
      this.hold(rest);
      return;
    }
    this.skipping = true;
    yield { text: "", line, problem: `a record of more than ${MAX_RECORD_BYTES} bytes` };
  }
}

function* recordsOf(bytes: Buffer, line: number): Generator<RawRecord, void, void> {
  // Few lines contain several objects, so the slow path is taken only for a `}` followed by a `{`.
  if (!mayContainSeveral(bytes)) {
    if (!isBlank(bytes)) yield recordOf(bytes, line);
    return;
  }
  const { pieces, rest } = splitObjects(bytes);
  for (const piece of pieces) yield recordOf(piece, line);
  if (!isBlank(rest)) yield recordOf(rest, line);
}

function mayContainSeveral(bytes: Buffer): boolean {
  for (let end = bytes.indexOf("}"); end !== -1; end = bytes.indexOf("}", end + 1)) {
    let next = end + 1;
    while (isSpace(bytes[next])) next += 1;
    if (bytes[next] === OPEN) return true;
    // Most lines end with their only object.
    if (next >= bytes.length) return false;
  }
  return false;
}

function recordOf(bytes: Buffer, line: number): RawRecord {
  const text = bytes.toString().trim();
  return isUtf8(bytes) ? { text, line } : { text, line, problem: "invalid UTF-8" };
}

const [OPEN, CLOSE, QUOTE, BACKSLASH] = [...'{}"\\'].map((character) => character.charCodeAt(0));

/** Returns the outermost objects, any text between them, and the incomplete rest. */
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
  return bytes.every(isSpace);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
