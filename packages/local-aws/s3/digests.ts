import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { S3Error } from "../fauxqs/parts";

/** What a client may say of its body; other sums that S3 has are not looked at. */
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
 * Holds a body to the digests in its request's headers, so that nothing is
 * acknowledged that came otherwise than it was sent.
 *
 * @throws S3Error BadDigest.
 */
export function holdToDigests(headers: IncomingHttpHeaders, body: unknown): void {
  // In chunks, the body has its sum at its end.
  if (!Buffer.isBuffer(body) || /aws-chunked/.test(String(headers["content-encoding"]))) return;
  for (const [name, digest] of Object.entries(DIGESTS)) {
    const said = headers[name];
    if (typeof said !== "string" || digest(body).toString("base64") === said) continue;
    const message = `The ${name} you specified, ${said}, did not match what we received.`;
    throw new S3Error("BadDigest", message, 400);
  }
}
