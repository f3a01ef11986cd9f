import { setMaxListeners } from "node:events";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { Batcher } from "@event-pipeline/event-model/batching";
import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { pMapIterable } from "p-map";
import {
  type AwsRequest,
  concernsEveryRequest,
  FAILED_REQUEST,
  isDenied,
  isPassing,
  toOperationError,
} from "../aws-errors";
import type { Clock } from "../clock";
import { OperationError } from "../errors";
import { retryOnPassingError } from "../retry";
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
  readonly bucket: string;
  readonly key: string;
  /** The line number, from 1. Absent when the object cannot be read, or only in part. */
  readonly line?: number;
  readonly reason: string;
  /** The error from AWS; absent if the data itself is damaged, so that the next attempt to read it fails too. */
  readonly error?: OperationError;
}

/** The progress of an earlier reader, in the order of the objects' keys. */
export interface ArchiveProgress {
  /** The position up to which every record is done, except in the objects in `left`; undefined if none is. */
  readonly position: ArchivePosition | undefined;
  /** The keys of objects to read again completely. */
  readonly left: readonly string[];
}

export interface ReadArchiveOptions {
  readonly archive: Archive;
  readonly timeRange: TimeRange;
  /** Skips the records that are done. @default - no record is skipped */
  readonly after?: ArchiveProgress | undefined;
  /** Returns whether to read an object. @default - reads every object that may contain events in the time range */
  readonly includesObject?: (object: ArchivedObject) => boolean;
  /** Receives each object or line that cannot be read. Reading continues after it. */
  readonly onUnreadable: (unreadable: Unreadable) => void;
  /** Receives each object after the attempt to read it. */
  readonly onObject?: (object: ArchivedObject) => void;
  /** @default - the system's clock */
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

const OBJECTS_READ_AHEAD = 3;
/** Bytes in one request. Most objects are smaller: Firehose buffers 5 MiB before it compresses them. */
const PART_BYTES = 4 * 1_024 * 1_024;
/** The default chunk size of zlib, 16 KiB, is slow for large objects. */
const GUNZIP_CHUNK_BYTES = 262_144;
/** The number of consecutive objects with passing errors, each retried, after which reading ends with the error. */
const MAX_CONSECUTIVE_FAILURES = 5;

/**
 * Reads the archived events in a time range, in the order of the objects' keys. Passing errors are retried.
 * Memory stays constant: only a few parts of objects are in memory at a time.
 *
 * @throws an error that concerns every object: refused credentials, a bucket that cannot be listed, or passing errors for
 * several objects in a row.
 * @example
 * const records = archivedRecords({ archive: await openArchive(pipeline), timeRange: { since }, onUnreadable: console.warn });
 * for await (const { envelope } of records) ids.push(envelope.messageId);
 */
export async function* archivedRecords(options: ReadArchiveOptions): AsyncGenerator<ArchivedRecord, void, void> {
  const { archive, timeRange, after, includesObject = () => true, onObject, signal } = options;
  const onUnreadable = (unreadable: Omit<Unreadable, "bucket">) =>
    options.onUnreadable({ bucket: archive.bucket, ...unreadable });
  const { position, left = [] } = after ?? {};
  const unseen = new Set(left);
  const from = position && [position.key, ...left].sort()[0];
  async function* objects() {
    for await (const object of archivedObjects(archive, timeRange, { from, signal })) {
      const isLeft = unseen.delete(object.key);
      const isDone = position !== undefined && object.key < position.key;
      if ((isLeft || !isDone) && includesObject(object)) yield { object, isLeft };
    }
  }
  const opened = pMapIterable(objects(), (next) => openObject(next, options), { concurrency: OBJECTS_READ_AHEAD });
  let consecutiveFailures = 0;
  for await (const { object, isLeft, first, rest } of opened) {
    const { key } = object;
    const skipped = position?.key === key && !isLeft ? position.index + 1 : 0;
    let index = -1;
    try {
      for await (const raw of splitRecords(uncompressed(first, rest))) {
        index += 1;
        if (index < skipped) continue;
        const read = readRecord(raw);
        if (typeof read === "string") onUnreadable({ key, line: raw.line, reason: read });
        else if (isWithin(timeRange, read.timestamp)) {
          yield { position: { key, index }, body: raw.text, envelope: read };
        }
      }
      if (index === -1) onUnreadable({ key, reason: EMPTY });
      consecutiveFailures = 0;
    } catch (error) {
      consecutiveFailures = isPassing(error) ? consecutiveFailures + 1 : 0;
      if (signal?.aborted || endsReading(error) || consecutiveFailures === MAX_CONSECUTIVE_FAILURES) throw error;
      onUnreadable(unreadableObject(key, error as Error, archive.target));
    }
    onObject?.(object);
  }
  for (const key of unseen) onUnreadable({ key, reason: GONE, error: new OperationError(GONE) });
}

/** Records in one group: as many as one BatchGetItem request may have keys. */
const MAX_GROUP_RECORDS = 100;
const MAX_GROUP_CHARACTERS = 1_024 * 1_024;

const CONCURRENT_GROUPS = 8;

/** Ends the work on an archive early. */
export interface WorkControl {
  /** Aborts when the work must end, after the requests that have begun. */
  readonly signal: AbortSignal;
  /** Ends the work because of an error. */
  readonly fail: (error: unknown) => void;
}

export interface ArchiveWork<Result> {
  /** Processes a group of records. An error that it throws ends the work, as `fail` does, but without a result. */
  readonly work: (group: readonly ArchivedRecord[], control: WorkControl) => Promise<Result>;
  /** Takes the results, in the order of the records. */
  readonly take: (result: Result) => Promise<void> | void;
}

/**
 * Processes archived records in groups, several at a time. After the first error, from AWS or from `take`, no other
 * group begins, and the results of the groups that have begun are taken.
 *
 * @returns the error that ended the work early; undefined if it is complete or interrupted.
 */
export async function processArchive<Result>(
  options: ReadArchiveOptions,
  { work, take }: ArchiveWork<Result>,
): Promise<OperationError | undefined> {
  const { signal, archive } = options;
  const stop = new AbortController();
  // Each request that runs listens.
  setMaxListeners(0, stop.signal);
  const interrupt = () => stop.abort();
  if (signal?.aborted) interrupt();
  signal?.addEventListener("abort", interrupt);
  let stoppedBy: OperationError | undefined;
  const fail = (error: unknown) => {
    if (!stop.signal.aborted) stoppedBy = toOperationError(error, archive.target);
    stop.abort();
  };
  const control = { signal: stop.signal, fail };
  async function* groups() {
    try {
      yield* recordGroups(archivedRecords({ ...options, signal: stop.signal }), stop.signal);
    } catch (error) {
      fail(error);
    }
  }
  const results = pMapIterable(groups(), (group) => work(group, control).catch(fail), {
    concurrency: CONCURRENT_GROUPS,
  });
  for await (const result of results) {
    await Promise.resolve(result && take(result)).catch(fail);
  }
  signal?.removeEventListener("abort", interrupt);
  return stoppedBy;
}

/** Groups records, in order. Ends when the signal aborts. */
async function* recordGroups(
  records: AsyncIterable<ArchivedRecord>,
  signal: AbortSignal,
): AsyncGenerator<ArchivedRecord[], void, void> {
  const limits = { maxCount: MAX_GROUP_RECORDS, maxBytes: MAX_GROUP_CHARACTERS };
  const batcher = new Batcher<ArchivedRecord>(({ body }) => body.length, limits);
  for await (const record of records) {
    if (signal.aborted) return;
    const group = batcher.add(record);
    if (group) yield group;
  }
  const last = batcher.flush();
  if (last.length > 0 && !signal.aborted) yield last;
}

function isWithin({ since, until }: TimeRange, time: Date): boolean {
  return (since === undefined || time >= since) && (until === undefined || time < until);
}

/** Returns whether every other object would have the same error. A denied object may have a key of its own. */
function endsReading(error: unknown): boolean {
  return concernsEveryRequest(error) && !isDenied(error) && !isPassing(error);
}

const EMPTY = "The object is empty. Firehose never writes an empty object.";
const GONE = "The object was deleted, so the archive no longer has its events.";
/** Reasons, by the name of the error from S3. */
const REASONS: Readonly<Record<string, string>> = {
  InvalidObjectState: "The object is in GLACIER. Restore it (aws s3api restore-object), then run the command again.",
  NoSuchKey: GONE,
  PreconditionFailed: "The object changed while the command read it. Run the command again.",
};

function unreadableObject(key: string, cause: Error, target: string): Omit<Unreadable, "bucket"> {
  // Errors of zlib have a code that begins with Z_.
  if (/^Z_/.test(String((cause as NodeJS.ErrnoException).code))) {
    return { key, reason: `The object is not complete gzip: ${cause.message}.` };
  }
  const error = toOperationError(cause, target);
  return { key, reason: REASONS[cause.name] ?? error.message, error };
}

async function openObject<T extends { readonly object: ArchivedObject }>(listed: T, options: ReadArchiveOptions) {
  const rest = objectParts(listed.object, options);
  const first = rest.next();
  await first.catch(() => undefined);
  return { ...listed, first, rest };
}

/**
 * Reads an object in parts, with one request per part, so that no connection
 * waits for a slow consumer. One part is read ahead.
 *
 * @throws the error from S3: InvalidObjectState for an object in GLACIER, PreconditionFailed for one that has changed.
 */
async function* objectParts(
  object: ArchivedObject,
  options: ReadArchiveOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const starts = Array.from({ length: Math.ceil(object.bytes / PART_BYTES) }, (_, index) => index * PART_BYTES);
  const fetchPart = (start: number) => retryOnPassingError(() => readPart(object, start, options), options);
  yield* pMapIterable(starts, fetchPart, { concurrency: 2 });
}

async function readPart(
  { key, bytes, etag }: ArchivedObject,
  start: number,
  { archive: { s3, bucket }, signal }: ReadArchiveOptions,
): Promise<Uint8Array> {
  const end = Math.min(start + PART_BYTES, bytes);
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    IfMatch: etag,
    ...(bytes > PART_BYTES && { Range: `bytes=${start}-${end - 1}` }),
  });
  const { Body } = await s3.send(command, { ...(signal && { abortSignal: signal }) });
  let part: Uint8Array | undefined;
  try {
    part = await Body?.transformToByteArray();
  } catch (cause) {
    throw new CutBodyError(bucket, cause as Error);
  }
  if (!part || part.length < end - start) throw new CutBodyError(bucket);
  return part;
}

/** Thrown for a body that ended early. The SDK does not retry a request whose response has begun. */
class CutBodyError extends Error {
  readonly code = "ECONNRESET";
  readonly [FAILED_REQUEST]: AwsRequest;

  constructor(bucket: string, cause?: Error) {
    super("The response ended early.", { cause });
    this[FAILED_REQUEST] = { action: "S3 GetObject", forResource: ` for ${bucket}` };
  }
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
