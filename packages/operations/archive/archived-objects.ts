import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from "@aws-sdk/client-s3";
import { ARCHIVE_PREFIX, archiveFolder } from "@event-pipeline/event-model/archive-layout";

/** When events were published: from `since` on, and before `until`. */
export interface TimeSpan {
  /** @default - from the archive's beginning */
  readonly since?: Date | undefined;
  /** @default - to the archive's end */
  readonly until?: Date | undefined;
}

/** The bucket of an archive, and whom to ask for it. */
export interface Archive {
  readonly s3: S3Client;
  readonly bucket: string;
}

export interface ArchivedObject {
  readonly key: string;
  /** As stored, which is compressed. */
  readonly bytes: number;
  readonly lastModified: Date | undefined;
  readonly etag: string | undefined;
}

/**
 * Firehose names an object's hour after the oldest record in it, and gathers for
 * at most 900 s: an event of ten past may lie in the hour before.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
 */
const GATHERED_MS = 900_000;
/** And it may have taken the event a little after SNS did, in the next hour. */
const TAKEN_LATE_MS = 3_600_000;

/**
 * The objects that may have events of the span, oldest hour first: one page of
 * names at a time, and empty hours cost nothing.
 *
 * @param from - Key to begin with, where an earlier reading has ended.
 */
export async function* archivedObjects(
  { s3, bucket }: Archive,
  { since, until }: TimeSpan,
  { from, signal }: { readonly from?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<ArchivedObject, void, void> {
  const first = [from ?? "", since ? archiveFolder(new Date(since.getTime() - GATHERED_MS)) : ""].sort()[1] ?? "";
  const last = until && archiveFolder(new Date(until.getTime() + TAKEN_LATE_MS));
  let ContinuationToken: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: ARCHIVE_PREFIX,
        ContinuationToken,
        // Names after it: `from` itself is wanted too.
        ...(first !== "" && { StartAfter: first.slice(0, -1) }),
      }),
      { ...(signal && { abortSignal: signal }) },
    );
    for (const { Key: key = "", Size: bytes = 0, LastModified: lastModified, ETag: etag } of page.Contents ?? []) {
      if (key < first) continue;
      if (last !== undefined && key > last && !key.startsWith(last)) return;
      yield { key, bytes, lastModified, etag };
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}
