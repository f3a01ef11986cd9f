import type { UploadPartOutput, UploadPartRequest } from "@aws-sdk/client-s3";
import { CHECKSUM_MEMBERS, checksumMember } from "../checksums";
import type { IncomingBody } from "../incoming-body";
import { ENCRYPTION } from "../object-attributes";
import type { S3Action } from "../s3-action";
import { uploadOf, useChecksumOf } from "../uploads";

export const UploadPart: S3Action<UploadPartRequest, UploadPartOutput> = {
  handles: [
    "Body",
    "Bucket",
    "Key",
    "ChecksumAlgorithm",
    "ContentLength",
    "ContentMD5",
    "ExpectedBucketOwner",
    "PartNumber",
    "UploadId",
    ...CHECKSUM_MEMBERS,
  ],
  async run(input, s3) {
    const upload = uploadOf(s3, input);
    const body = input.Body as unknown as IncomingBody;
    body.assertSize();
    useChecksumOf(upload, body);
    const { etag, checksums } = await s3.storePart(upload, input.PartNumber as number, body);
    const algorithm = body.algorithm ?? upload.stored.algorithm;
    return { ETag: etag, ...(algorithm && checksumMember({ algorithm, value: checksums[algorithm] })), ...ENCRYPTION };
  },
};
