import type { AbortMultipartUploadOutput, AbortMultipartUploadRequest } from "@aws-sdk/client-s3";
import { validateDefaults } from "../object-attributes";
import type { S3Action } from "../s3-action";

export const AbortMultipartUpload: S3Action<AbortMultipartUploadRequest, AbortMultipartUploadOutput> = {
  handles: ["Bucket", "ExpectedBucketOwner", "Key", "UploadId"],
  run(input, s3) {
    validateDefaults(input);
    s3.abortUpload(s3.upload(input.Bucket, input.Key, input.UploadId));
    return {};
  },
};
