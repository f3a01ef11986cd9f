import type { GetBucketVersioningOutput, GetBucketVersioningRequest } from "@aws-sdk/client-s3";
import type { S3Action } from "../s3-action";

export const GetBucketVersioning: S3Action<GetBucketVersioningRequest, GetBucketVersioningOutput> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run: ({ Bucket }, s3) => ({ Status: s3.bucket(Bucket).stored.versioning }),
};
