import type { ListObjectsOutput, ListObjectsRequest } from "@aws-sdk/client-s3";
import { LIST_MEMBERS, Listing, objectsPage } from "../listing";
import type { S3Action } from "../s3-action";

export const ListObjects: S3Action<ListObjectsRequest, ListObjectsOutput> = {
  handles: [...LIST_MEMBERS, "Marker", "MaxKeys"],
  run(input, s3) {
    const { Bucket, Delimiter = "", Marker = "", MaxKeys } = input;
    const listing = new Listing(input, MaxKeys);
    const { page, members } = objectsPage(s3.bucket(Bucket), listing, Marker, Marker, true);
    return {
      ...members,
      Marker: listing.encode(Marker),
      // Without a delimiter, clients continue from the last key.
      ...(page.next && Delimiter !== "" && { NextMarker: listing.encode(page.next.name) }),
    };
  },
};
