import { randomUUID } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { DiskError, MissingData } from "../errors";
import type { Storage } from "../storage/storage";

/** A stored sequence of bytes. It belongs to one version of an object, or to one part of an upload. */
export interface Segment {
  readonly id: string;
  readonly size: number;
}

/** The bytes from `start` and before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The content of objects. An object's content is a sequence of segments: the parts of its upload. */
export interface Bodies {
  /**
   * Stores bytes durably. Nothing is left of them if the source fails.
   *
   * @throws the error of the source, and errors of the disk.
   */
  write(source: AsyncIterable<Uint8Array>): Promise<Segment>;
  /** Returns the bytes of segments, from `start` and before `end`. */
  read(segments: readonly Segment[], start: number, end: number): Readable;
  /** Removes segments that nothing refers to after the next commit. Current reads can finish. */
  remove(segments: readonly Segment[]): void;
}

/** Returns the pieces that contain the bytes from `start` and before `end`, with the range of each. */
function* rangesOf<Piece>(pieces: readonly Piece[], sizeOf: (piece: Piece) => number, start: number, end: number) {
  let offset = 0;
  for (const piece of pieces) {
    const size = sizeOf(piece);
    const [from, to] = [Math.max(0, start - offset), Math.min(size, end - offset)];
    if (from < to) yield { piece, from, to };
    offset += size;
  }
}

/** The ID of a segment, which is the name of its file. */
const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Maximum size of content that is copied, in bytes. */
const SMALL_BYTES = 64 * 1_024;

/** Keeps content in memory. */
export class MemoryBodies implements Bodies {
  private readonly chunksById = new Map<string, readonly Uint8Array[]>();

  async write(source: AsyncIterable<Uint8Array>): Promise<Segment> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of source) {
      chunks.push(chunk);
      size += chunk.length;
    }
    const id = randomUUID();
    // A small chunk is part of what one read of the connection returned, and would keep all of it.
    this.chunksById.set(id, size <= SMALL_BYTES ? [Buffer.concat(chunks)] : chunks);
    return { id, size };
  }

  read(segments: readonly Segment[], start: number, end: number): Readable {
    const chunks = segments.flatMap(({ id }) => this.chunksById.get(id) ?? []);
    return Readable.from(slices(), { objectMode: false });

    function* slices() {
      for (const { piece, from, to } of rangesOf(chunks, ({ length }) => length, start, end)) {
        yield piece.subarray(from, to);
      }
    }
  }

  remove(segments: readonly Segment[]): void {
    for (const { id } of segments) this.chunksById.delete(id);
  }
}

/**
 * Keeps content in files, one for each segment. A file has its final name from the beginning: nothing refers to it before
 * it is complete, and the next start removes files that nothing refers to.
 */
export class FileBodies implements Bodies {
  /** Number of current reads of a segment. */
  private readonly reads = new Map<string, number>();
  /** Segments to remove when their last read ends. */
  private readonly removed = new Set<string>();

  /**
   * @param used - The segments that are in use. Files of other segments are removed; other files are not ours.
   * @throws DiskError when the folder cannot be read or written, or when a segment is missing.
   */
  constructor(
    private readonly folder: string,
    private readonly storage: Storage,
    used: ReadonlySet<string>,
  ) {
    try {
      mkdirSync(folder, { recursive: true });
      const files = readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile() && ID.test(file.name));
      const names = new Set(files.map(({ name }) => name));
      const missing = [...used].filter((id) => !names.has(id)).length;
      if (missing > 0) throw new MissingData(`${missing} of ${used.size} files are missing`);
      for (const name of names) if (!used.has(name)) rmSync(join(folder, name));
    } catch (cause) {
      throw new DiskError(folder, cause);
    }
  }

  async write(source: AsyncIterable<Uint8Array>): Promise<Segment> {
    const id = randomUUID();
    const file = await open(join(this.folder, id), "wx");
    try {
      let size = 0;
      await writeFile(
        file,
        (async function* counted() {
          for await (const chunk of source) {
            size += chunk.length;
            yield chunk;
          }
        })(),
      );
      await file.sync();
      await this.syncFolder();
      return { id, size };
    } catch (error) {
      await rm(join(this.folder, id), { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  read(segments: readonly Segment[], start: number, end: number): Readable {
    const ranges = [...rangesOf(segments, ({ size }) => size, start, end)];
    for (const { piece } of ranges) this.reads.set(piece.id, (this.reads.get(piece.id) ?? 0) + 1);
    const { folder } = this;
    const stream = Readable.from(chunks(), { objectMode: false });
    stream.once("close", () => {
      for (const { piece } of ranges) this.endRead(piece.id);
    });
    return stream;

    async function* chunks() {
      for (const { piece, from, to } of ranges) {
        yield* createReadStream(join(folder, piece.id), { start: from, end: to - 1 });
      }
    }
  }

  remove(segments: readonly Segment[]): void {
    void Promise.resolve(this.storage.flush()).then(() => {
      for (const { id } of segments) {
        if (this.reads.has(id)) this.removed.add(id);
        else this.unlink(id);
      }
    });
  }

  private endRead(id: string): void {
    const reads = (this.reads.get(id) ?? 1) - 1;
    if (reads > 0) this.reads.set(id, reads);
    else {
      this.reads.delete(id);
      if (this.removed.delete(id)) this.unlink(id);
    }
  }

  private unlink(id: string): void {
    // The next start removes the file if this fails.
    rm(join(this.folder, id), { force: true }).catch(() => undefined);
  }

  /** Makes the name of a new file durable. */
  private async syncFolder(): Promise<void> {
    if (process.platform === "win32") return; // Windows opens no folders.
    const folder = await open(this.folder);
    await folder.sync().finally(() => folder.close());
  }
}
