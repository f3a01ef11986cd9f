import type { PutObjectOutput, PutObjectRequest } from "@aws-sdk/client-s3";
import { checksumMembers, DEFAULT_ALGORITHM } from "../checksums";
import { BODY_MEMBERS, sizedBody } from "../incoming-body";
import { ATTRIBUTE_MEMBERS, attributesFrom, DEFAULT_MEMBERS, ENCRYPTION } from "../object-attributes";
import type { S3Action } from "../s3-action";

export const PutObject: S3Action<PutObjectRequest, PutObjectOutput> = {
  handles: [...BODY_MEMBERS, "IfMatch", "IfNoneMatch", ...ATTRIBUTE_MEMBERS, ...DEFAULT_MEMBERS],
  async run(input, s3) {
    const { Bucket, Key } = input;
    const body = sizedBody(input);
    const { algorithm = DEFAULT_ALGORITHM } = body;
    body.compute(algorithm);
    const version = await s3.store(Bucket, Key, body, algorithm, attributesFrom(input), input);
    const { etag, checksum } = version.object;
    return { ...checksumMembers(checksum), ETag: etag, ...ENCRYPTION, VersionId: s3.versionId(version) };
  },
};
