import type { PutObjectOutput, PutObjectRequest } from "@aws-sdk/client-s3";
import { DEFAULT_ALGORITHM } from "../checksums";
import { BODY_MEMBERS, sizedBody } from "../incoming-body";
import { ATTRIBUTE_MEMBERS, attributesFrom, DEFAULT_MEMBERS } from "../object-attributes";
import { storedMembers } from "../read-object";
import type { S3Action } from "../s3-action";

export const PutObject: S3Action<PutObjectRequest, PutObjectOutput> = {
  handles: [...BODY_MEMBERS, "IfMatch", "IfNoneMatch", ...ATTRIBUTE_MEMBERS, ...DEFAULT_MEMBERS],
  async run(input, s3) {
    const { Bucket, Key } = input;
    const body = sizedBody(input);
    const { algorithm = DEFAULT_ALGORITHM } = body;
    body.compute(algorithm);
    return storedMembers(s3, await s3.store(Bucket, Key, body, algorithm, attributesFrom(input), input));
  },
};
