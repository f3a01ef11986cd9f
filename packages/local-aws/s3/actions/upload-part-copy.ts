import type { UploadPartCopyOutput, UploadPartCopyRequest } from "@aws-sdk/client-s3";
import type { ByteRange } from "../bodies";
import { DEFAULT_ALGORITHM } from "../checksums";
import { invalidArgument } from "../errors";
import { ENCRYPTION } from "../object-attributes";
import { assertCopySize, COPY_SOURCE_MEMBERS, copySource } from "../read-object";
import type { S3Action } from "../s3-action";
import { partChecksum, uploadOf } from "../uploads";

export const UploadPartCopy: S3Action<UploadPartCopyRequest, UploadPartCopyOutput> = {
  handles: [
    "Bucket",
    "Key",
    "CopySourceRange",
    "ExpectedBucketOwner",
    "PartNumber",
    "UploadId",
    ...COPY_SOURCE_MEMBERS,
  ],
  async run(input, s3) {
    const upload = uploadOf(s3, input);
    const { algorithm } = upload.stored;
    const source = copySource(s3, input);
    const range = rangeOf(input.CopySourceRange, source.object.size);
    assertCopySize(range.end - range.start);
    const part = await s3.copied(source.object, range, algorithm ?? DEFAULT_ALGORITHM, (body) =>
      s3.storePart(upload, input.PartNumber, body),
    );
    return {
      CopyPartResult: {
        ETag: part.etag,
        LastModified: new Date(part.lastModified),
        ...partChecksum(algorithm, part),
      },
      ...ENCRYPTION,
      CopySourceVersionId: s3.versionId(source),
    };
  },
};

/** @throws AwsError for a range that is invalid, or not within the source. */
function rangeOf(text: string | undefined, size: number): ByteRange {
  if (text === undefined) return { start: 0, end: size };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(text) ?? [];
  const isRange = first !== undefined && Number(first) <= Number(last);
  if (isRange && Number(last) < size) return { start: Number(first), end: Number(last) + 1 };
  const message = isRange
    ? `Range specified is not valid for source object of size: ${size}`
    : "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy";
  throw invalidArgument("x-amz-copy-source-range", text, message);
}
