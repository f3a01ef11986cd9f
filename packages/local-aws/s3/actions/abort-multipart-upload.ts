import type { AbortMultipartUploadRequest } from "@aws-sdk/client-s3";
import type { S3Action } from "../s3-action";

export const AbortMultipartUpload: S3Action<AbortMultipartUploadRequest, void> = {
  handles: ["Bucket", "ExpectedBucketOwner", "Key", "UploadId"],
  run: ({ Bucket, Key, UploadId }, s3) => s3.removeUpload(s3.upload(Bucket, Key, UploadId)),
};
