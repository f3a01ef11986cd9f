import type { CreateMultipartUploadOutput, CreateMultipartUploadRequest } from "@aws-sdk/client-s3";
import { checksumTypes, supportedAlgorithm } from "../checksums";
import { invalidRequest } from "../errors";
import { ATTRIBUTE_MEMBERS, attributesFrom, DEFAULT_MEMBERS, ENCRYPTION } from "../object-attributes";
import type { S3Action } from "../s3-action";
import { checksumSettings } from "../uploads";

export const CreateMultipartUpload: S3Action<CreateMultipartUploadRequest, CreateMultipartUploadOutput> = {
  handles: [
    "Bucket",
    "Key",
    "ChecksumAlgorithm",
    "ChecksumType",
    "ExpectedBucketOwner",
    ...ATTRIBUTE_MEMBERS,
    ...DEFAULT_MEMBERS,
  ],
  run(input, s3) {
    const { Bucket, Key, ChecksumType } = input;
    const algorithm = supportedAlgorithm(input.ChecksumAlgorithm);
    if (ChecksumType !== undefined && algorithm === undefined) {
      throw invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
    }
    const types = algorithm ? checksumTypes(algorithm) : [];
    const checksumType = ChecksumType ?? types[0];
    if (checksumType !== undefined && !types.includes(checksumType)) {
      throw invalidRequest(
        `The ${checksumType} checksum type cannot be used with the ${algorithm?.toLowerCase()} checksum algorithm.`,
      );
    }
    const upload = s3.createUpload({
      bucket: Bucket,
      key: Key,
      attributes: attributesFrom(input),
      ...(algorithm && { algorithm }),
      ...(checksumType && { checksumType }),
    });
    return { Bucket, Key, UploadId: upload.id, ...checksumSettings(upload), ...ENCRYPTION };
  },
};
