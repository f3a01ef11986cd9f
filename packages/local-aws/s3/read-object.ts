import type {
  CopyObjectRequest,
  GetObjectOutput,
  GetObjectRequest,
  HeadObjectRequest,
  UploadPartCopyRequest,
} from "@aws-sdk/client-s3";
import { AwsError } from "../protocols/aws-error";
import type { ByteRange } from "./bodies";
import { checksumMembers } from "./checksums";
import { isNotModified } from "./conditions";
import { invalidArgument, invalidRequest, preconditionFailed } from "./errors";
import { MAX_BODY_BYTES } from "./incoming-body";
import { attributeMembers, ENCRYPTION, OBJECT_HEADERS } from "./object-attributes";
import type { ObjectVersion, S3 } from "./s3";
import type { Decoded } from "./s3-action";
import { assertHeaderText } from "./s3-target";
import type { StoredObject } from "./stored";
import { assertPartNumber } from "./uploads";

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
  ...OBJECT_HEADERS.map((name) => `Response${name}` as const),
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
  const output: GetObjectOutput = {
    AcceptRanges: "bytes",
    ContentLength: end - start,
    ...(range && { ContentRange: `bytes ${start}-${end - 1}/${object.size}` }),
    ETag: object.etag,
    LastModified: new Date(lastModified),
    ...(object.uploadId && input.PartNumber && { PartsCount: object.segments.length }),
    ...(input.ChecksumMode === "ENABLED" && checksumOf(object, input)),
    ...attributeMembers(object.attributes),
    ...replacedHeaders(input),
    ...ENCRYPTION,
    VersionId: s3.versionId(version),
  };
  return { object, range: { start, end }, output };
}

/** Returns the checksum of the object or of the part that is read; none for other ranges. */
function checksumOf({ checksum, segments, uploadId }: StoredObject, { PartNumber, Range }: GetObjectRequest) {
  if (PartNumber === undefined || uploadId === undefined) return Range === undefined && checksumMembers(checksum);
  const { checksum: value } = segments[PartNumber - 1] ?? {};
  return value !== undefined && checksumMembers({ ...checksum, value });
}

/** Returns the bytes that a request selects, by a range or by the number of a part; undefined for the whole object. */
function selectedRange({ segments, size }: StoredObject, input: GetObjectRequest): ByteRange | undefined {
  const { PartNumber, Range } = input;
  if (PartNumber === undefined) return Range === undefined ? undefined : byteRange(Range, size);
  if (Range !== undefined) throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  assertPartNumber(PartNumber);
  const sizes = segments.map((segment) => segment.size);
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

/** Parses a Range header. Returns undefined where S3 ignores it, because it is invalid or has several ranges. */
function byteRange(header: string, size: number): ByteRange | undefined {
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
function replacedHeaders(input: GetObjectRequest): GetObjectOutput {
  const headers: Record<string, string | Date> = {};
  for (const name of OBJECT_HEADERS) {
    const value = input[`Response${name}`];
    if (typeof value === "string") assertHeaderText(name, value);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** Returns the members of the output of a request that stored an object. */
export function storedMembers(s3: S3, version: ObjectVersion) {
  const { checksum, etag } = version.object;
  return { ...checksumMembers(checksum), ETag: etag, ...ENCRYPTION, VersionId: s3.versionId(version) };
}

/** The members of a copy that select its source. */
export const COPY_SOURCE_MEMBERS = [
  "CopySource",
  "CopySourceIfMatch",
  "CopySourceIfModifiedSince",
  "CopySourceIfNoneMatch",
  "CopySourceIfUnmodifiedSince",
  "ExpectedSourceBucketOwner",
] as const;

/** Finds the source of a copy. */
export function copySource(s3: S3, input: Decoded<CopyObjectRequest | UploadPartCopyRequest>): ObjectVersion {
  const [, bucket = "", encodedKey = "", versionId] =
    /^\/?([^/?]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(input.CopySource) ?? [];
  const key = percentDecoded(encodedKey);
  if (bucket === "" || key === undefined) {
    const message = "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey";
    throw invalidArgument("x-amz-copy-source", input.CopySource, message);
  }
  const version = s3.object(percentDecoded(bucket) ?? bucket, key, versionId);
  const conditions = {
    IfMatch: input.CopySourceIfMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
  if (isNotModified(conditions, version)) throw preconditionFailed("x-amz-copy-source-If-None-Match");
  return version;
}

/** @throws AwsError when one request must not copy so much. */
export function assertCopySize(bytes: number): void {
  const limit = `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_BODY_BYTES}`;
  if (bytes > MAX_BODY_BYTES) throw invalidRequest(limit);
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
