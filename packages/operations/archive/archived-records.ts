import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { Batcher } from "@event-pipeline/event-model/batching";
import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { pMapIterable } from "p-map";
import { type Archive, type ArchivedObject, archivedObjects, type TimeRange } from "./archived-objects";
import { type RawRecord, splitRecords } from "./record-splitter";

/** The position of a record in the archive. */
export interface ArchivePosition {
  readonly key: string;
  /** The record's index in the object, from 0. */
  readonly index: number;
}

/** An archived event, as SNS sent it. */
export interface ArchivedRecord {
  readonly position: ArchivePosition;
  /** The envelope as text. A replay sends this text to the queue. */
  readonly body: string;
  readonly envelope: Envelope;
}

/** An object or a line that cannot be read. */
export interface Unreadable {
  readonly key: string;
  /** The line number, from 1. Absent when the object cannot be read, or only in part. */
  readonly line?: number;
  readonly reason: string;
}

export interface ReadArchiveOptions {
  readonly archive: Archive;
  readonly timeRange: TimeRange;
  /** The position of the last record to skip. @default - no record is skipped */
  readonly after?: ArchivePosition | undefined;
  /** Returns whether to read an object. @default - reads every object that may contain events in the time range */
  readonly includesObject?: (object: ArchivedObject) => boolean;
  /** Receives each object or line that cannot be read. Reading continues after it. */
  readonly onUnreadable: (unreadable: Unreadable) => void;
  /** Receives each object that was read. */
  readonly onObject?: (object: ArchivedObject) => void;
  readonly signal?: AbortSignal | undefined;
}

const OBJECTS_READ_AHEAD = 3;
/** Bytes in one request. Most objects are smaller: Firehose buffers 5 MiB before it compresses them. */
const PART_BYTES = 4 * 1_024 * 1_024;
/** The default chunk size of zlib, 16 KiB, is slow for large objects. */
const GUNZIP_CHUNK_BYTES = 262_144;

/**
 * Reads the archived events in a time range, in the order of the objects' keys.
 * Memory stays constant: only a few parts of objects are in memory at a time.
 *
 * @throws the error from S3 when the bucket cannot be listed, such as NoSuchBucket or AccessDenied.
 * @example
 * const records = archivedRecords({ archive: await openArchive(pipeline), timeRange: { since }, onUnreadable: console.warn });
 * for await (const { envelope } of records) ids.push(envelope.messageId);
 */
export async function* archivedRecords({
  archive,
  timeRange,
  after,
  includesObject = () => true,
  onUnreadable,
  onObject,
  signal,
}: ReadArchiveOptions): AsyncGenerator<ArchivedRecord, void, void> {
  async function* objects() {
    const listed = archivedObjects(archive, timeRange, { from: after?.key, signal });
    for await (const object of listed) if (includesObject(object)) yield object;
  }
  const opened = pMapIterable(objects(), (object) => openObject(archive, object, signal), {
    concurrency: OBJECTS_READ_AHEAD,
  });
  for await (const { object, first, rest } of opened) {
    const skipped = object.key === after?.key ? after.index + 1 : 0;
    let index = -1;
    try {
      for await (const raw of splitRecords(uncompressed(first, rest))) {
        index += 1;
        if (index < skipped) continue;
        const read = readRecord(raw);
        if (typeof read === "string") onUnreadable({ key: object.key, line: raw.line, reason: read });
        else if (isWithin(timeRange, read.timestamp)) {
          yield { position: { key: object.key, index }, body: raw.text, envelope: read };
        }
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      onUnreadable({ key: object.key, reason: reasonOf(error as Error) });
    }
    onObject?.(object);
  }
}

/** Records in one group: as many as one BatchGetItem request may have keys. */
const MAX_GROUP_RECORDS = 100;
const MAX_GROUP_CHARACTERS = 1_024 * 1_024;

/** Groups records, in order. Ends when the signal aborts. */
export async function* recordGroups(
  records: AsyncIterable<ArchivedRecord>,
  signal?: AbortSignal,
): AsyncGenerator<ArchivedRecord[], void, void> {
  const limits = { maxCount: MAX_GROUP_RECORDS, maxBytes: MAX_GROUP_CHARACTERS };
  const batcher = new Batcher<ArchivedRecord>(({ body }) => body.length, limits);
  for await (const record of records) {
    if (signal?.aborted) return;
    const group = batcher.add(record);
    if (group) yield group;
  }
  const last = batcher.flush();
  if (last.length > 0 && !signal?.aborted) yield last;
}

function isWithin({ since, until }: TimeRange, time: Date): boolean {
  return (since === undefined || time >= since) && (until === undefined || time < until);
}

async function openObject(archive: Archive, object: ArchivedObject, signal: AbortSignal | undefined) {
  const rest = objectParts(archive, object, signal);
  const first = rest.next();
  await first.catch(() => undefined);
  return { object, first, rest };
}

/**
 * Reads an object in parts, with one request per part, so that no connection
 * waits for a slow consumer. One part is read ahead.
 *
 * @throws the error from S3: InvalidObjectState for an object in GLACIER, PreconditionFailed for one that has changed.
 */
async function* objectParts(
  { s3, bucket }: Archive,
  { key, bytes, etag }: ArchivedObject,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const fetchPart = async (start: number) => {
    const { Body } = await s3.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(bytes > PART_BYTES && {
          Range: `bytes=${start}-${Math.min(start + PART_BYTES, bytes) - 1}`,
          IfMatch: etag,
        }),
      }),
      { ...(signal && { abortSignal: signal }) },
    );
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  };
  const starts = Array.from({ length: Math.ceil(bytes / PART_BYTES) }, (_, index) => index * PART_BYTES);
  yield* pMapIterable(starts, fetchPart, { concurrency: 2 });
}

/** Decompresses objects that begin as gzip does. A bucket may contain compressed and uncompressed objects. */
async function* uncompressed(
  first: Promise<IteratorResult<Uint8Array, void>>,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const { value: bytes } = await first;
  if (!bytes) return;
  async function* all(begin: Uint8Array) {
    yield begin;
    yield* rest;
  }
  yield* bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzip(all(bytes)) : all(bytes);
}

async function* gunzip(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const source = Readable.from(parts, { objectMode: false });
  const gunzipped = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES });
  // When the source fails, pipeline() would discard data that is not read yet.
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
    return `The object is in GLACIER. Restore it (aws s3api restore-object), then run the command again. ${message}`;
  }
  return `${name}: ${message}`;
}
