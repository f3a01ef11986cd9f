import type { AbortMultipartUploadOutput, AbortMultipartUploadRequest } from "@aws-sdk/client-s3";
import type { Action } from "../../gateway/service";
import { validateDefaults } from "../object-attributes";
import type { S3 } from "../s3";

export const AbortMultipartUpload: Action<AbortMultipartUploadRequest, AbortMultipartUploadOutput, S3> = {
  handles: ["Bucket", "ExpectedBucketOwner", "Key", "UploadId"],
  run(input, s3) {
    validateDefaults(input);
    s3.abortUpload(s3.upload(input.Bucket, input.Key, input.UploadId));
    return {};
  },
};
