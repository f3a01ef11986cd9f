import type { DeleteBucketRequest } from "@aws-sdk/client-s3";
import { validateDefaults } from "../object-attributes";
import type { S3Action } from "../s3-action";

export const DeleteBucket: S3Action<DeleteBucketRequest, object> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run(input, s3) {
    validateDefaults(input);
    s3.deleteBucket(input.Bucket);
    return {};
  },
};
