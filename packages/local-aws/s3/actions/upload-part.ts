import type { UploadPartOutput, UploadPartRequest } from "@aws-sdk/client-s3";
import { BODY_MEMBERS, sizedBody } from "../incoming-body";
import { ENCRYPTION } from "../object-attributes";
import type { S3Action } from "../s3-action";
import { partChecksum, uploadOf, useChecksumOf } from "../uploads";

export const UploadPart: S3Action<UploadPartRequest, UploadPartOutput> = {
  handles: [...BODY_MEMBERS, "PartNumber", "UploadId"],
  async run(input, s3) {
    const upload = uploadOf(s3, input);
    const body = sizedBody(input);
    useChecksumOf(upload, body);
    const part = await s3.storePart(upload, input.PartNumber, body);
    return { ETag: part.etag, ...partChecksum(body.algorithm ?? upload.stored.algorithm, part), ...ENCRYPTION };
  },
};
