import type { IncomingHttpHeaders } from "node:http";
import { S3Error } from "../fauxqs/parts";

/** What of a stored object decides. */
interface Stored {
  /** In quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

/**
 * Holds a read to the conditions in its headers, in RFC 9110's order.
 *
 * @returns whether the client has it already: 304.
 * @throws S3Error when a condition does not hold.
 */
export function readsNothingNew(headers: IncomingHttpHeaders, { etag, lastModified }: Stored): boolean {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  // HTTP's dates have whole seconds.
  const modified = Math.floor(lastModified.getTime() / 1_000) * 1_000;
  const [since, unmodifiedSince] = [
    Date.parse(headers["if-modified-since"] ?? ""),
    Date.parse(headers["if-unmodified-since"] ?? ""),
  ];
  if (match !== undefined ? !names(match, etag) : modified > unmodifiedSince) throw preconditionFailed();
  return noneMatch !== undefined ? names(noneMatch, etag) : modified <= since;
}

/**
 * Holds a write to the conditions in its headers: `If-None-Match: *` writes
 * only what is not there, `If-Match` only over what the client has seen.
 *
 * @throws S3Error when a condition does not hold, or is one that S3 has not.
 */
export function holdWrite(headers: IncomingHttpHeaders, stored: Stored | undefined): void {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  if (noneMatch !== undefined && noneMatch !== "*") {
    const what = `If-None-Match: ${noneMatch}`;
    throw new S3Error("NotImplemented", `S3 has no ${what} with a write; it takes "*" alone.`, 501);
  }
  if (noneMatch !== undefined && stored) throw preconditionFailed();
  if (match === undefined) return;
  if (!stored) throw new S3Error("NoSuchKey", "The specified key does not exist.", 404);
  if (!names(match, stored.etag)) throw preconditionFailed();
}

/** Whether a header's list of entity tags, with or without their quotes, has this one. */
function names(list: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "").replace(/"/g, "");
  return list.trim() === "*" || list.split(",").map(bare).includes(bare(etag));
}

function preconditionFailed(): S3Error {
  return new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
}
