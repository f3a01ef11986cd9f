import type { DeletedObject, DeleteObjectsOutput, DeleteObjectsRequest, ObjectIdentifier } from "@aws-sdk/client-s3";
import { AwsError } from "../../protocols/aws-error";
import { invalidRequest, malformedXml } from "../errors";
import type { S3 } from "../s3";
import type { S3Action } from "../s3-action";

/** Maximum number of objects in one request. */
const MAX_OBJECTS = 1_000;

export const DeleteObjects: S3Action<DeleteObjectsRequest, DeleteObjectsOutput> = {
  handles: [
    "Bucket",
    "ChecksumAlgorithm",
    "Delete.Objects.ETag",
    "Delete.Objects.Key",
    "Delete.Objects.VersionId",
    "Delete.Quiet",
    "ExpectedBucketOwner",
  ],
  run(input, s3, { request: { headers } }) {
    const { Bucket, Delete } = input;
    const { Objects = [], Quiet = false } = Delete ?? {};
    if (
      headers["content-md5"] === undefined &&
      !Object.keys(headers).some((name) => name.startsWith("x-amz-checksum-") || name === "x-amz-trailer")
    ) {
      throw invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
    }
    if (Objects.length === 0 || Objects.length > MAX_OBJECTS) throw malformedXml();
    s3.bucket(Bucket);
    const Deleted: DeletedObject[] = [];
    const Errors: NonNullable<DeleteObjectsOutput["Errors"]> = [];
    for (const identifier of Objects) {
      try {
        Deleted.push(deleted(s3, Bucket, identifier));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const { Key, VersionId } = identifier;
        Errors.push({ Key, ...(VersionId && { VersionId }), Code: error.code, Message: error.message });
      }
    }
    return { ...(!Quiet && { Deleted }), Errors };
  },
};

function deleted(s3: S3, bucket: string, identifier: ObjectIdentifier): DeletedObject {
  const { Key = "", VersionId, ETag: IfMatch } = identifier;
  const { removed, marker } = s3.deleteObject(bucket, { Key, VersionId }, { IfMatch });
  const markerVersion = marker ?? (removed?.object ? undefined : removed);
  return {
    Key,
    ...(VersionId !== undefined && { VersionId }),
    ...(markerVersion && { DeleteMarker: true, DeleteMarkerVersionId: markerVersion.versionId }),
  };
}
