import type { Bucket } from "./bucket";
import { type Listing, OWNER, objectMembers } from "./listing";
import type { ObjectVersion } from "./s3";

/**
 * Returns a page of a bucket's objects, and the members that both versions of ListObjects return.
 *
 * @param after - The key before the first one. @default - the first page
 * @param marker - The last entry of the page before. @default - the client did not get `after` from a page
 */
export function objectsPage(
  bucket: Bucket,
  listing: Listing,
  after = "",
  marker: string | undefined,
  withOwner: boolean,
) {
  const page = listing.page(objectsAfter(bucket, listing.firstKey(after), after), marker);
  const members = {
    Contents: page.items.map(({ key, lastModified, object }) => ({
      Key: listing.encode(key),
      LastModified: new Date(lastModified),
      ...objectMembers(object),
      ...(withOwner && { Owner: OWNER }),
    })),
    ...listing.members(page),
    MaxKeys: listing.max,
    Name: bucket.stored.name,
  };
  return { page, members };
}

function* objectsAfter(bucket: Bucket, first: string, after: string): Generator<[string, ObjectVersion]> {
  for (const key of bucket.keysFrom(first)) {
    const version = bucket.current(key);
    if (key !== after && version?.object) yield [key, version as ObjectVersion];
  }
}
