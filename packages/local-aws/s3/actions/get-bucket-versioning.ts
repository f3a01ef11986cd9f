import type { GetBucketVersioningOutput, GetBucketVersioningRequest } from "@aws-sdk/client-s3";
import { validateDefaults } from "../object-attributes";
import type { S3Action } from "../s3-action";

export const GetBucketVersioning: S3Action<GetBucketVersioningRequest, GetBucketVersioningOutput> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run(input, s3) {
    validateDefaults(input);
    return { Status: s3.bucket(input.Bucket).stored.versioning };
  },
};
