import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { pMapIterable } from "p-map";
import { type Archive, type ArchivedObject, archivedObjects, type TimeSpan } from "./archived-objects";
import { objectBytes } from "./object-bytes";
import { type RawRecord, RecordSplitter } from "./record-splitter";

/** Where a record lies. */
export interface Place {
  readonly key: string;
  /** Of the records of the object, from 0. */
  readonly index: number;
}

/** An event as SNS sent it to the archive. */
export interface ArchivedRecord {
  readonly place: Place;
  /** The envelope as it came, which is what a queue is sent. */
  readonly body: string;
  readonly envelope: Envelope;
}

/** What is in the archive and cannot be read as an event: an object, or a line of it. */
export interface Unreadable {
  readonly key: string;
  /** From 1; absent where the object could not be read, or not further. */
  readonly line?: number;
  readonly reason: string;
}

export interface ReadArchiveProps {
  readonly archive: Archive;
  readonly span: TimeSpan;
  /**
   * The last record that is not wanted any more.
   * @default - all are wanted
   */
  readonly after?: Place | undefined;
  /**
   * Whether an object is to be read.
   * @default - every object that may have events of the span
   */
  readonly isWanted?: (object: ArchivedObject) => boolean;
  /** Told of what is no event, and goes on. */
  readonly onUnreadable: (unreadable: Unreadable) => void;
  /** Told of each object that was read. */
  readonly onObject?: (object: ArchivedObject) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Objects whose first bytes are fetched ahead. */
const OBJECTS_AHEAD = 3;
/** zlib's own 16 KiB make many small steps of an object. */
const GUNZIP_CHUNK_BYTES = 262_144;

/**
 * The archived events of a span, in the order of the objects' names, with the
 * memory of a few parts of objects, however many there are.
 *
 * @throws what S3 answers to listing the bucket, such as NoSuchBucket or AccessDenied.
 */
export async function* archivedRecords(props: ReadArchiveProps): AsyncGenerator<ArchivedRecord, void, void> {
  const { archive, span, after, isWanted = () => true, onUnreadable, onObject, signal } = props;
  const objects = wanted(archivedObjects(archive, span, { from: after?.key, signal }), isWanted);
  const begun = pMapIterable(objects, (object) => begin(archive, object, signal), { concurrency: OBJECTS_AHEAD });
  for await (const { object, parts } of begun) {
    const skip = object.key === after?.key ? after.index + 1 : 0;
    let index = -1;
    try {
      for await (const raw of rawRecords(parts)) {
        index += 1;
        if (index < skip) continue;
        const read = readRecord(raw);
        if (typeof read === "string") onUnreadable({ key: object.key, line: raw.line, reason: read });
        else if (isWithin(span, read.timestamp)) {
          yield { place: { key: object.key, index }, body: raw.text, envelope: read };
        }
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      onUnreadable({ key: object.key, reason: reasonOf(error as Error) });
    }
    onObject?.(object);
  }
}

async function* wanted(objects: AsyncIterable<ArchivedObject>, isWanted: (object: ArchivedObject) => boolean) {
  for await (const object of objects) if (isWanted(object)) yield object;
}

function isWithin({ since, until }: TimeSpan, time: Date): boolean {
  return (since === undefined || time >= since) && (until === undefined || time < until);
}

/** Has the first part on its way. */
async function begin(archive: Archive, object: ArchivedObject, signal: AbortSignal | undefined) {
  const rest = objectBytes(archive, object, signal);
  const first = rest.next();
  await first.catch(() => undefined);
  async function* parts() {
    const { value } = await first;
    if (value) yield value;
    yield* rest;
  }
  return { object, parts: parts() };
}

async function* rawRecords(parts: AsyncGenerator<Uint8Array, void, void>): AsyncGenerator<RawRecord, void, void> {
  const splitter = new RecordSplitter();
  for await (const chunk of uncompressed(parts)) yield* splitter.push(chunk);
  yield* splitter.end();
}

/** By what the bytes are, for a bucket may have both. */
async function* uncompressed(parts: AsyncGenerator<Uint8Array, void, void>): AsyncGenerator<Uint8Array, void, void> {
  const { value: first } = await parts.next();
  if (!first) return;
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    yield first as Uint8Array;
    yield* parts;
  }
  if (first[0] === 0x1f && first[1] === 0x8b) yield* gunzip(all());
  else yield* all();
}

async function* gunzip(parts: AsyncGenerator<Uint8Array, void, void>): AsyncGenerator<Uint8Array, void, void> {
  const source = Readable.from(parts, { objectMode: false });
  const gunzipped = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES });
  // pipeline() would destroy what is still to be read when the source ends in an error.
  source.once("error", (error) => gunzipped.destroy(error));
  try {
    yield* source.pipe(gunzipped) as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
    gunzipped.destroy();
  }
}

function readRecord({ text, problem }: RawRecord): Envelope | string {
  if (problem !== undefined) return `${problem}: ${excerpt(text)}`;
  try {
    return parseEnvelope(text);
  } catch (error) {
    return (error as Error).message;
  }
}

function reasonOf({ name, message }: Error): string {
  if (name === "InvalidObjectState") {
    return `The object is in GLACIER: restore it first (aws s3api restore-object), then read again. ${message}`;
  }
  return `${name}: ${message}`;
}
