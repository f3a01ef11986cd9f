import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { ARCHIVE_PREFIX, archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import type { Pipeline } from "../pipeline";

/** A time range: from `since`, and before `until`. It selects events by the time of their publication. */
export interface TimeRange {
  /** @default - no lower limit */
  readonly since?: Date | undefined;
  /** @default - no upper limit */
  readonly until?: Date | undefined;
}

/** The archive's bucket, and a client for it. */
export interface Archive {
  readonly s3: S3Client;
  readonly bucket: string;
  /** The pipeline as messages name it. */
  readonly target: string;
}

export async function openArchive(pipeline: Pipeline, signal?: AbortSignal): Promise<Archive> {
  const bucket = await pipeline.rawBucket(signal);
  return { s3: pipeline.client(S3Client), bucket, target: pipeline.description };
}

export interface ArchivedObject {
  readonly key: string;
  /** The object's size in S3. The object may be compressed. */
  readonly bytes: number;
  readonly lastModified: Date | undefined;
  readonly etag: string | undefined;
}

/**
 * Firehose names an object after the hour of its first record, and buffers records
 * for up to 900 s. So an event's object may have the prefix of the hour before.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
 */
export const MAX_BUFFER_MS = 900_000;
/** Firehose receives an event later than SNS does, possibly in the next hour. */
const MAX_DELAY_MS = 3_600_000;

/**
 * Lists the objects that may contain events in the time range, oldest hour first.
 *
 * @param from - The first key to list.
 * @throws the error from S3, such as NoSuchBucket or AccessDenied.
 * @example
 * for await (const { key } of archivedObjects(await openArchive(pipeline), { since })) keys.push(key);
 */
export async function* archivedObjects(
  { s3, bucket }: Archive,
  { since, until }: TimeRange,
  { from, signal }: { readonly from?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<ArchivedObject, void, void> {
  const first = [from ?? "", since ? archiveHourPrefix(new Date(since.getTime() - MAX_BUFFER_MS)) : ""].sort()[1] ?? "";
  const last = until && archiveHourPrefix(new Date(until.getTime() + MAX_DELAY_MS));
  const pages = paginateListObjectsV2(
    { client: s3 },
    {
      Bucket: bucket,
      Prefix: ARCHIVE_PREFIX,
      // S3 lists keys after StartAfter, and `from` itself is listed too.
      ...(first !== "" && { StartAfter: first.slice(0, -1) }),
    },
    { abortSignal: signal },
  );
  for await (const { Contents = [] } of pages) {
    for (const { Key: key = "", Size: bytes = 0, LastModified: lastModified, ETag: etag } of Contents) {
      // The S3 console creates an empty object for a folder, whose key ends with a slash.
      if (key < first || key.endsWith("/")) continue;
      if (last !== undefined && key > last && !key.startsWith(last)) return;
      yield { key, bytes, lastModified, etag };
    }
  }
}
