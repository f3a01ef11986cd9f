import type { DeleteObjectOutput, DeleteObjectRequest } from "@aws-sdk/client-s3";
import type { Action } from "../../gateway/service";
import { validateDefaults } from "../object-attributes";
import { versionIdMember } from "../read-object";
import type { S3 } from "../s3";

export const DeleteObject: Action<DeleteObjectRequest, DeleteObjectOutput, S3> = {
  handles: ["Bucket", "ExpectedBucketOwner", "IfMatch", "Key", "VersionId"],
  run(input, s3) {
    validateDefaults(input);
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
