import type { GetObjectRequest } from "@aws-sdk/client-s3";
import { NotSupported } from "../protocols/invalid-input";
import { noSuchKey, preconditionFailed } from "./errors";
import type { StoredVersion } from "./stored";

/** Conditions of a read request. */
type ReadConditions = Pick<GetObjectRequest, "IfMatch" | "IfNoneMatch" | "IfModifiedSince" | "IfUnmodifiedSince">;

/** Conditions of a write request: the object's entity tag, or `*` if there must be no object. */
export type WriteConditions = Pick<ReadConditions, "IfMatch" | "IfNoneMatch">;

/**
 * Evaluates the conditions of a read request, in the order of RFC 9110.
 *
 * @returns whether the client already has the object.
 * @throws AwsError when IfMatch or IfUnmodifiedSince is false.
 */
export function isNotModified(conditions: ReadConditions, { object, lastModified }: StoredVersion): boolean {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  const etag = object?.etag ?? "";
  if (IfMatch !== undefined) {
    if (!includesTag(IfMatch, etag)) throw preconditionFailed("If-Match");
  } else if (IfUnmodifiedSince && lastModified > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  if (IfNoneMatch !== undefined) return includesTag(IfNoneMatch, etag);
  return IfModifiedSince !== undefined && lastModified <= IfModifiedSince.getTime();
}

/**
 * Evaluates the conditions of a write request.
 *
 * @param current - What the request replaces or deletes.
 * @throws AwsError when a condition is false, and NotSupported for an entity tag in IfNoneMatch, as on AWS.
 */
export function assertWritable(
  { IfMatch, IfNoneMatch }: WriteConditions,
  key: string,
  { object }: Pick<StoredVersion, "object"> = {},
): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== "*") throw new NotSupported(`IfNoneMatch ${IfNoneMatch}`);
  if (IfNoneMatch !== undefined && object) throw preconditionFailed("If-None-Match");
  if (IfMatch === undefined) return;
  if (!object) throw noSuchKey(key);
  if (!includesTag(IfMatch, object.etag)) throw preconditionFailed("If-Match");
}

/** Returns whether a list of entity tags includes `etag`. Quotes are optional. */
export function includesTag(list: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "").replaceAll('"', "");
  return list.trim() === "*" || list.split(",").map(bare).includes(bare(etag));
}
