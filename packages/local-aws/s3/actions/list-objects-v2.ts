import type { ListObjectsV2Output, ListObjectsV2Request } from "@aws-sdk/client-s3";
import { fromToken, LIST_MEMBERS, Listing, objectsPage, toToken } from "../listing";
import type { S3Action } from "../s3-action";

export const ListObjectsV2: S3Action<ListObjectsV2Request, ListObjectsV2Output> = {
  handles: [...LIST_MEMBERS, "ContinuationToken", "FetchOwner", "MaxKeys", "StartAfter"],
  run(input, s3) {
    const { Bucket, ContinuationToken, FetchOwner = false, MaxKeys, StartAfter } = input;
    const listing = new Listing(input, MaxKeys);
    const marker = ContinuationToken === undefined ? undefined : fromToken(ContinuationToken);
    const { page, members } = objectsPage(s3.bucket(Bucket), listing, marker ?? StartAfter ?? "", marker, FetchOwner);
    return {
      ...members,
      KeyCount: page.items.length + page.prefixes.length,
      ContinuationToken,
      ...(page.next && { NextContinuationToken: toToken(page.next.name) }),
      ...(StartAfter !== undefined && { StartAfter: listing.encode(StartAfter) }),
    };
  },
};
