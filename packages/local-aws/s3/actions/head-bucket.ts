import type { HeadBucketOutput, HeadBucketRequest } from "@aws-sdk/client-s3";
import type { S3Action } from "../s3-action";

export const HeadBucket: S3Action<HeadBucketRequest, HeadBucketOutput> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run(input, s3, { region }) {
    s3.bucket(input.Bucket);
    return { AccessPointAlias: false, BucketRegion: region };
  },
};
