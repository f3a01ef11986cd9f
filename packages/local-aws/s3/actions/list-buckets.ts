import type { ListBucketsOutput, ListBucketsRequest } from "@aws-sdk/client-s3";
import { fromToken, maxEntries, OWNER, toToken } from "../listing";
import type { S3Action } from "../s3-action";

/** Maximum number of buckets on a page. */
const MAX_BUCKETS = 10_000;

export const ListBuckets: S3Action<ListBucketsRequest, ListBucketsOutput> = {
  handles: ["BucketRegion", "ContinuationToken", "MaxBuckets", "Prefix"],
  run(input, s3, { region }) {
    const { BucketRegion = region, ContinuationToken, MaxBuckets = MAX_BUCKETS, Prefix } = input;
    const max = Math.max(1, maxEntries(MaxBuckets, "max-buckets", MAX_BUCKETS));
    const after = ContinuationToken === undefined ? "" : fromToken(ContinuationToken);
    const left = s3.buckets().filter(({ name }) => name > after && name.startsWith(Prefix ?? ""));
    const page = BucketRegion === region ? left.slice(0, max) : [];
    const last = page.at(-1);
    return {
      Buckets: page.map(({ name, created }) => ({
        Name: name,
        CreationDate: new Date(created),
        // S3 returns regions only for requests with parameters.
        ...(Object.keys(input).length > 0 && { BucketRegion: region }),
      })),
      ...(last && left.length > page.length && { ContinuationToken: toToken(last.name) }),
      Owner: OWNER,
      Prefix,
    };
  },
};
