import type {
  CopyObjectRequest,
  GetObjectOutput,
  GetObjectRequest,
  HeadObjectRequest,
  UploadPartCopyRequest,
} from "@aws-sdk/client-s3";
import { AwsError } from "../protocols/aws-error";
import type { ByteRange } from "./bodies";
import { checksumMember } from "./checksums";
import { isNotModified } from "./conditions";
import { invalidArgument, invalidRequest, preconditionFailed } from "./errors";
import { MAX_BODY_BYTES } from "./incoming-body";
import { attributeMembers, ENCRYPTION } from "./object-attributes";
import type { ObjectVersion, S3 } from "./s3";
import type { Decoded } from "./s3-action";
import { assertHeaderText } from "./s3-target";
import type { StoredObject, StoredVersion } from "./stored";

/** The members of GetObject and HeadObject. */
export const READ_MEMBERS = [
  "Bucket",
  "Key",
  "VersionId",
  "ExpectedBucketOwner",
  "ChecksumMode",
  "IfMatch",
  "IfModifiedSince",
  "IfNoneMatch",
  "IfUnmodifiedSince",
  "PartNumber",
  "Range",
  "ResponseCacheControl",
  "ResponseContentDisposition",
  "ResponseContentEncoding",
  "ResponseContentLanguage",
  "ResponseContentType",
  "ResponseExpires",
] as const;

/** Finds the object, or the part of it, that a request reads, and the response's headers. */
export function readObject(s3: S3, input: Decoded<GetObjectRequest | HeadObjectRequest>) {
  const version = s3.object(input.Bucket, input.Key, input.VersionId);
  const { object, lastModified } = version;
  if (isNotModified(input, version)) {
    const headers = { ETag: object.etag, "Last-Modified": new Date(lastModified).toUTCString() };
    throw new AwsError("NotModified", "Not Modified", 304, {}, headers);
  }
  const range = selectedRange(object, input);
  const { start, end } = range ?? { start: 0, end: object.size };
  const isMultipart = object.uploadId !== undefined;
  const output: GetObjectOutput = {
    AcceptRanges: "bytes",
    ContentLength: end - start,
    ...(range && { ContentRange: `bytes ${start}-${end - 1}/${object.size}` }),
    ETag: object.etag,
    LastModified: new Date(lastModified),
    ...(isMultipart && input.PartNumber !== undefined && { PartsCount: object.segments.length }),
    ...(input.ChecksumMode === "ENABLED" && checksumOf(object, input)),
    ...attributeMembers(object.attributes),
    ...overrides(input),
    ...ENCRYPTION,
    ...versionIdMember(s3, version),
  };
  return { object, range: { start, end }, output };
}

/** Returns the version ID as a member of an output; none if the bucket was never versioned. */
export function versionIdMember(s3: S3, { bucket, versionId }: StoredVersion): { VersionId?: string } {
  return s3.bucket(bucket).stored.versioning === undefined ? {} : { VersionId: versionId };
}

/** Returns the checksum of the object or of the part that is read; none for other ranges. */
function checksumOf({ checksum, segments, uploadId }: StoredObject, { PartNumber, Range }: GetObjectRequest) {
  const { algorithm, type } = checksum;
  if (PartNumber !== undefined && uploadId !== undefined) {
    const { checksum: value } = segments[PartNumber - 1] ?? {};
    return value !== undefined && { ...checksumMember({ algorithm, value }), ChecksumType: type };
  }
  return Range === undefined && { ...checksumMember(checksum), ChecksumType: type };
}

/**
 * Returns the range that a request selects, by a range or by the number of a part.
 *
 * @returns undefined for the whole object.
 */
function selectedRange(object: StoredObject, { PartNumber, Range }: GetObjectRequest): ByteRange | undefined {
  if (PartNumber === undefined) return Range === undefined ? undefined : byteRange(Range, object.size);
  if (Range !== undefined) throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  const { segments, size } = object;
  const sizes = object.uploadId === undefined ? [size] : segments.map((segment) => segment.size);
  const length = sizes[PartNumber - 1];
  if (length === undefined) {
    throw new AwsError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, {
      PartNumberRequested: String(PartNumber),
      ActualPartCount: String(sizes.length),
    });
  }
  const start = sizes.slice(0, PartNumber - 1).reduce((sum, each) => sum + each, 0);
  return length === 0 ? undefined : { start, end: start + length };
}

/**
 * Parses a Range header.
 *
 * @returns undefined if S3 would ignore the header, because it is invalid or has several ranges.
 * @throws AwsError when the range is outside of the object.
 */
export function byteRange(header: string, size: number): ByteRange | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start < end) return { start, end };
  const details = { RangeRequested: header, ActualObjectSize: String(size) };
  throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416, details);
}

/** Returns the headers that the request replaces. */
function overrides(input: GetObjectRequest): GetObjectOutput {
  const headers = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  };
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => {
      if (typeof value === "string") assertHeaderText(name, value);
      return value !== undefined;
    }),
  );
}

/** Finds the source of a copy. */
export function copySource(s3: S3, input: Decoded<CopyObjectRequest | UploadPartCopyRequest>): ObjectVersion {
  const [, bucket = "", encodedKey = "", versionId] =
    /^\/?([^/?]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(input.CopySource) ?? [];
  const key = percentDecoded(encodedKey);
  if (bucket === "" || key === undefined) {
    throw invalidArgument(
      "x-amz-copy-source",
      input.CopySource,
      "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey",
    );
  }
  const version = s3.object(percentDecoded(bucket) ?? bucket, key, versionId);
  const conditions = {
    IfMatch: input.CopySourceIfMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
  if (isNotModified(conditions, version)) {
    throw preconditionFailed("x-amz-copy-source-If-None-Match");
  }
  return version;
}

/** @throws AwsError when one request must not copy so much. */
export function assertCopySize(bytes: number): void {
  if (bytes <= MAX_BODY_BYTES) return;
  const limit = `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_BODY_BYTES}`;
  throw invalidRequest(limit);
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
