import type { ListObjectVersionsOutput, ListObjectVersionsRequest } from "@aws-sdk/client-s3";
import type { Bucket } from "../bucket";
import { invalidArgument } from "../errors";
import { LIST_MEMBERS, Listing, OWNER, objectMembers } from "../listing";
import type { S3Action } from "../s3-action";
import type { StoredVersion } from "../stored";

export const ListObjectVersions: S3Action<ListObjectVersionsRequest, ListObjectVersionsOutput> = {
  handles: [...LIST_MEMBERS, "KeyMarker", "MaxKeys", "VersionIdMarker"],
  run(input, s3) {
    const { Bucket, KeyMarker = "", MaxKeys, VersionIdMarker = "" } = input;
    if (VersionIdMarker !== "" && KeyMarker === "") {
      const message = "A version-id marker cannot be specified without a key marker.";
      throw invalidArgument("version-id-marker", VersionIdMarker, message);
    }
    const listing = new Listing(input, MaxKeys);
    const bucket = s3.bucket(Bucket);
    const versions = versionsAfter(bucket, listing.firstKey(KeyMarker), KeyMarker, VersionIdMarker);
    const page = listing.page(versions, KeyMarker);
    const members = (version: StoredVersion) => ({
      Key: listing.encode(version.key),
      VersionId: version.versionId,
      IsLatest: version === bucket.version(version.key),
      LastModified: new Date(version.lastModified),
      Owner: OWNER,
    });
    return {
      Versions: page.items.flatMap((version) =>
        version.object ? [{ ...members(version), ...objectMembers(version.object) }] : [],
      ),
      DeleteMarkers: page.items.filter(({ object }) => !object).map(members),
      ...listing.members(page),
      KeyMarker: listing.encode(KeyMarker),
      MaxKeys: listing.max,
      Name: Bucket,
      ...(page.next && {
        NextKeyMarker: listing.encode(page.next.name),
        NextVersionIdMarker: page.next.item?.versionId,
      }),
      VersionIdMarker,
    };
  },
};

/** Returns versions by key, the newest of each key first. */
function* versionsAfter(
  bucket: Bucket,
  first: string,
  keyMarker: string,
  versionIdMarker: string,
): Generator<[string, StoredVersion]> {
  for (const key of bucket.keysFrom(first)) {
    if (key === keyMarker && versionIdMarker === "") continue;
    const versions = bucket.versions(key).toReversed();
    const index = key === keyMarker ? versions.findIndex(({ versionId }) => versionId === versionIdMarker) : -1;
    for (const version of versions.slice(index + 1)) yield [key, version];
  }
}
