import type { DeletedObject, DeleteObjectsOutput, DeleteObjectsRequest } from "@aws-sdk/client-s3";
import { AwsError } from "../../protocols/aws-error";
import { invalidRequest, malformedXml } from "../errors";
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
    for (const { Key = "", VersionId, ETag: IfMatch } of Objects) {
      try {
        const marker = s3.deleteObject(Bucket, { Key, VersionId }, { IfMatch });
        Deleted.push({
          Key,
          VersionId,
          ...(marker && { DeleteMarker: true, DeleteMarkerVersionId: marker.versionId }),
        });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Errors.push({ Key, VersionId, Code: error.code, Message: error.message });
      }
    }
    return { ...(!Quiet && { Deleted }), Errors };
  },
};
