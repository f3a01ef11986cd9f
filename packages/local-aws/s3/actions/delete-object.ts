import type { DeleteObjectOutput, DeleteObjectRequest } from "@aws-sdk/client-s3";
import { versionIdMember } from "../read-object";
import type { S3Action } from "../s3-action";

export const DeleteObject: S3Action<DeleteObjectRequest, DeleteObjectOutput> = {
  handles: ["Bucket", "ExpectedBucketOwner", "IfMatch", "Key", "VersionId"],
  run(input, s3) {
    const { Bucket, IfMatch, VersionId } = input;
    const { removed, marker } = s3.deleteObject(Bucket, input, { IfMatch });
    const isMarker = marker !== undefined || (removed && !removed.object);
    return {
      ...(isMarker && { DeleteMarker: true }),
      ...(VersionId !== undefined && { VersionId }),
      ...(marker && versionIdMember(s3, marker)),
    };
  },
};
