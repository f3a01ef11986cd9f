import type { PutObjectOutput, PutObjectRequest } from "@aws-sdk/client-s3";
import { CHECKSUM_MEMBERS, checksumMember, DEFAULT_ALGORITHM } from "../checksums";
import type { IncomingBody } from "../incoming-body";
import { ATTRIBUTE_MEMBERS, attributesFrom, DEFAULT_MEMBERS, ENCRYPTION } from "../object-attributes";
import { versionIdMember } from "../read-object";
import type { S3Action } from "../s3-action";

export const PutObject: S3Action<PutObjectRequest, PutObjectOutput> = {
  handles: [
    "Body",
    "Bucket",
    "Key",
    "ChecksumAlgorithm",
    "ContentLength",
    "ContentMD5",
    "ExpectedBucketOwner",
    "IfMatch",
    "IfNoneMatch",
    ...CHECKSUM_MEMBERS,
    ...ATTRIBUTE_MEMBERS,
    ...DEFAULT_MEMBERS,
  ],
  async run(input, s3) {
    const { Bucket, Key, IfMatch, IfNoneMatch } = input;
    const body = input.Body as unknown as IncomingBody;
    body.assertSize();
    const { algorithm = DEFAULT_ALGORITHM } = body;
    body.compute(algorithm);
    const conditions = { IfMatch, IfNoneMatch };
    const version = await s3.store(Bucket, Key, body, algorithm, attributesFrom(input), conditions);
    const { etag, checksum } = version.object;
    return {
      ...checksumMember(checksum),
      ChecksumType: checksum.type,
      ETag: etag,
      ...ENCRYPTION,
      ...versionIdMember(s3, version),
    };
  },
};
