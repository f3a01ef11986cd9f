import { GetObjectCommand } from "@aws-sdk/client-s3";
import { pMapIterable } from "p-map";
import type { Archive, ArchivedObject } from "./archived-objects";

/** Bytes of one request: most of Firehose's objects, which are of 5 MiB before compression, are one. */
const PART_BYTES = 4 * 1_024 * 1_024;

/**
 * The bytes of an object in parts, each by a request of its own that is read to
 * its end at once: however slowly the parts are consumed, no connection waits.
 * One part is fetched ahead.
 *
 * @throws what S3 answers, such as NoSuchKey, and InvalidObjectState for one in GLACIER; PreconditionFailed
 * when the object was written anew meanwhile.
 */
export async function* objectBytes(
  { s3, bucket }: Archive,
  { key, bytes, etag }: ArchivedObject,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const fetchPart = async (start: number) => {
    const { Body } = await s3.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(bytes > PART_BYTES && {
          Range: `bytes=${start}-${Math.min(start + PART_BYTES, bytes) - 1}`,
          ...(etag !== undefined && { IfMatch: etag }),
        }),
      }),
      { ...(signal && { abortSignal: signal }) },
    );
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  };
  yield* pMapIterable(starts(bytes), fetchPart, { concurrency: 2 });
}

function* starts(bytes: number): Generator<number, void, void> {
  for (let start = 0; start < bytes; start += PART_BYTES) yield start;
}
