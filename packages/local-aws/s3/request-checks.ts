import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { S3Error } from "../fauxqs/parts";

/** Digest functions by header. Other S3 checksums are not verified. */
const DIGESTS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  "content-md5": (body) => createHash("md5").update(body).digest(),
  "x-amz-checksum-crc32": (body) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return sum;
  },
  "x-amz-checksum-sha1": (body) => createHash("sha1").update(body).digest(),
  "x-amz-checksum-sha256": (body) => createHash("sha256").update(body).digest(),
};

/**
 * Verifies a body against the digests in the headers.
 *
 * @throws S3Error BadDigest.
 */
export function validateDigests(headers: IncomingHttpHeaders, body: unknown): void {
  // An aws-chunked body has its checksum in a trailer, which is not verified.
  if (!Buffer.isBuffer(body) || /aws-chunked/.test(String(headers["content-encoding"]))) return;
  for (const [name, digest] of Object.entries(DIGESTS)) {
    const expected = headers[name];
    if (typeof expected !== "string" || digest(body).toString("base64") === expected) continue;
    const message = `The ${name} you specified, ${expected}, did not match what we received.`;
    throw new S3Error("BadDigest", message, 400);
  }
}

/** The properties of a stored object that conditional headers refer to. */
interface StoredVersion {
  /** Entity tag in quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

/**
 * Evaluates a read request's conditional headers in the order of RFC 9110.
 *
 * @returns whether to respond with status 304, because the client already has the object.
 * @throws S3Error when If-Match or If-Unmodified-Since is false.
 */
export function isNotModified(headers: IncomingHttpHeaders, { etag, lastModified }: StoredVersion): boolean {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  // HTTP dates are in whole seconds.
  const modified = Math.floor(lastModified.getTime() / 1_000) * 1_000;
  const [since, unmodifiedSince] = [
    Date.parse(headers["if-modified-since"] ?? ""),
    Date.parse(headers["if-unmodified-since"] ?? ""),
  ];
  if (match !== undefined ? !includesTag(match, etag) : modified > unmodifiedSince) throw preconditionFailed();
  return noneMatch !== undefined ? includesTag(noneMatch, etag) : modified <= since;
}

/**
 * Evaluates a write request's conditional headers: `If-None-Match: *` forbids
 * overwriting an object; `If-Match` requires an object with that entity tag.
 *
 * @throws S3Error when a condition is false, or S3 does not support it.
 */
export function validateWriteConditions(headers: IncomingHttpHeaders, stored: StoredVersion | undefined): void {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  if (noneMatch !== undefined && noneMatch !== "*") {
    const message = `S3 does not support writes with If-None-Match: ${noneMatch}. Use "*".`;
    throw new S3Error("NotImplemented", message, 501);
  }
  if (noneMatch !== undefined && stored) throw preconditionFailed();
  if (match === undefined) return;
  if (!stored) throw new S3Error("NoSuchKey", "The specified key does not exist.", 404);
  if (!includesTag(match, stored.etag)) throw preconditionFailed();
}

/** Returns whether a header's list of entity tags includes `etag`. Quotes are optional. */
function includesTag(list: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "").replace(/"/g, "");
  return list.trim() === "*" || list.split(",").map(bare).includes(bare(etag));
}

function preconditionFailed(): S3Error {
  return new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
}
