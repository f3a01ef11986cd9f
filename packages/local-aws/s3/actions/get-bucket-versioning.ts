import type { GetBucketVersioningOutput, GetBucketVersioningRequest } from "@aws-sdk/client-s3";
import type { Action } from "../../gateway/service";
import { validateDefaults } from "../object-attributes";
import type { S3 } from "../s3";

export const GetBucketVersioning: Action<GetBucketVersioningRequest, GetBucketVersioningOutput, S3> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run(input, s3) {
    validateDefaults(input);
    return { Status: s3.bucket(input.Bucket).stored.versioning };
  },
};
