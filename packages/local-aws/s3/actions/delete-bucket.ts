import type { DeleteBucketRequest } from "@aws-sdk/client-s3";
import type { S3Action } from "../s3-action";

export const DeleteBucket: S3Action<DeleteBucketRequest, void> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run: ({ Bucket }, s3) => s3.deleteBucket(Bucket),
};
