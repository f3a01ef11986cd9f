import type { DeleteObjectOutput, DeleteObjectRequest } from "@aws-sdk/client-s3";
import type { S3Action } from "../s3-action";

export const DeleteObject: S3Action<DeleteObjectRequest, DeleteObjectOutput> = {
  handles: ["Bucket", "ExpectedBucketOwner", "IfMatch", "Key", "VersionId"],
  run(input, s3) {
    const marker = s3.deleteObject(input.Bucket, input, input);
    return { ...(marker && { DeleteMarker: true }), VersionId: input.VersionId ?? marker?.versionId };
  },
};
