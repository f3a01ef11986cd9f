import type { DeleteBucketRequest } from "@aws-sdk/client-s3";
import type { Action } from "../../gateway/service";
import { validateDefaults } from "../object-attributes";
import type { S3 } from "../s3";

export const DeleteBucket: Action<DeleteBucketRequest, object, S3> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run(input, s3) {
    validateDefaults(input);
    s3.deleteBucket(input.Bucket);
    return {};
  },
};
